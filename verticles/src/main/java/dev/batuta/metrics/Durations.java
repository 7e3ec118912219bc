package dev.batuta.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How long something took, as a histogram: how many fell below each of some bounds. Safe on any
 * thread; to add one costs some nanoseconds.
 */
public final class Durations {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Upper bounds in microseconds, each within the bucket that it ends. */
  private static final long[] BOUNDS_MICROS = {
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    300_000_000
  };

  private final List<LongAdder> buckets =
      Stream.generate(LongAdder::new).limit(BOUNDS_MICROS.length + 1L).toList();
  private final LongAdder sumNanos = new LongAdder();

  /**
   * How many there were at one moment.
   *
   * @param counts of each bucket alone, in the order of {@link #boundsSeconds}; the last is of what
   *     is above all bounds
   * @param sumSeconds of all together
   */
  public record Figures(List<Long> counts, double sumSeconds) {
    /** How many there were. */
    public long count() {
      return counts.stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Adds one; less than none, as of a clock that was set, is none. */
  public void addNanos(long nanos) {
    long taken = Math.max(0, nanos);
    buckets.get(bucket(taken)).increment();
    sumNanos.add(taken);
  }

  /** As {@link #addNanos}. */
  public void addMillis(long millis) {
    addNanos(millis * NANOS_PER_MILLI);
  }

  private static int bucket(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_MICROS.length && nanos > BOUNDS_MICROS[bucket] * 1_000) {
      bucket++;
    }
    return bucket;
  }

  /** As of now; the parts may be some durations apart. */
  public Figures figures() {
    return new Figures(buckets.stream().map(LongAdder::sum).toList(), sumNanos.sum() / 1e9);
  }

  /** The upper bounds of all buckets but the last, which has none. */
  public static List<Double> boundsSeconds() {
    return Arrays.stream(BOUNDS_MICROS).mapToObj(micros -> micros / 1e6).toList();
  }
}
