package dev.batuta.cli.bot;

import java.util.Arrays;

/**
 * How long things took, in memory that does not grow: classes that are each 5 % wider than the one
 * before, from 10 microseconds to an hour. Not safe on several threads.
 */
final class Latencies {
  private static final double LEAST_NANOS = 10_000;
  private static final double GROWTH = 1.05;
  private static final int CLASSES =
      (int) Math.ceil(Math.log(3_600e9 / LEAST_NANOS) / Math.log(GROWTH));

  private final long[] counts = new long[CLASSES + 1];

  void add(long nanos) {
    double steps = Math.log(nanos / LEAST_NANOS) / Math.log(GROWTH);
    counts[(int) Math.clamp(Math.ceil(steps), 0, CLASSES)]++;
  }

  void addAll(Latencies others) {
    Arrays.setAll(counts, i -> counts[i] + others.counts[i]);
  }

  Latencies copy() {
    var copy = new Latencies();
    copy.addAll(this);
    return copy;
  }

  long count() {
    return Arrays.stream(counts).sum();
  }

  /**
   * What so many of a hundred do not pass (nearest rank), at most 5 % too much; 0 without any.
   *
   * @param percent 1 to 100
   */
  double millis(int percent) {
    long rank = Math.ceilDiv(count() * percent, 100);
    long passed = 0;
    for (int i = 0; i < counts.length; i++) {
      passed += counts[i];
      if (passed >= rank && rank > 0) {
        return LEAST_NANOS * Math.pow(GROWTH, i) / 1e6;
      }
    }
    return 0;
  }
}
