package dev.batuta.clock;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * A node's physical clock with its Berkeley offset; it never touches the system clock.
 *
 * <p>Corrections above 100 ms set the offset at once; smaller ones are slewed, at most 1 part in 20
 * of the time that passes. {@code time} is the larger of clock + offset and the last value given,
 * so within one run of a process it stands still rather than runs back.
 *
 * <p>A simulated skew and drift make a wrong clock for demonstrations and tests.
 *
 * <p>Safe for use by any thread.
 */
public final class NodeClock {
  private static final long STEP_ABOVE_MICROS = 100_000;
  private static final long SLEW_DIVISOR = 20;

  private final LongSupplier systemMicros;
  private final LongSupplier monotonicMicros;
  private final long skewMicros;
  private final double driftPpm;
  private final long startedMicros;

  private long offsetMicros;
  private long slewLeftMicros;
  private long slewedAtMicros;
  private long adjustments;
  private long lastGivenMicros = Long.MIN_VALUE;

  /** The clock of this machine, wrong by a skew and a drift. */
  public NodeClock(Duration skew, double driftPpm) {
    this(NodeClock::systemMicros, () -> System.nanoTime() / 1_000, skew, driftPpm);
  }

  /**
   * A clock over other sources.
   *
   * @param systemMicros microseconds since 1970, as the machine has them
   * @param monotonicMicros never runs back
   */
  public NodeClock(
      LongSupplier systemMicros, LongSupplier monotonicMicros, Duration skew, double driftPpm) {
    this.systemMicros = systemMicros;
    this.monotonicMicros = monotonicMicros;
    this.skewMicros = skew.toNanos() / 1_000;
    this.driftPpm = driftPpm;
    this.startedMicros = monotonicMicros.getAsLong();
    this.slewedAtMicros = startedMicros;
  }

  /** {@code time}: microseconds since 1970, corrected, never running back. */
  public synchronized long timeMicros() {
    slew();
    lastGivenMicros = Math.max(lastGivenMicros, physicalMicros() + offsetMicros);
    return lastGivenMicros;
  }

  /** {@code time} in milliseconds. */
  public long timeMillis() {
    return Math.floorDiv(timeMicros(), 1_000L);
  }

  /**
   * This clock as a Berkeley round reads it.
   *
   * @param timeMicros clock + offset: unlike {@code time} it follows a correction backwards at
   *     once, so that the next round sees what this one did
   * @param offsetMicros the offset in it
   * @param adjustments how many were applied in this run of the process
   */
  public record Snapshot(long timeMicros, long offsetMicros, long adjustments) {}

  /** Reads the clock for a round. */
  public synchronized Snapshot read() {
    slew();
    return new Snapshot(physicalMicros() + offsetMicros, offsetMicros, adjustments);
  }

  /** The offset as it is applied now. */
  public synchronized long offsetMicros() {
    slew();
    return offsetMicros;
  }

  /**
   * Corrects the clock by what a round found, if no other correction has come in between: like a
   * compare-and-set, so it makes no difference whether the order is repeated, late, or one of two
   * coordinators.
   *
   * @param toOffsetMicros the offset that was read, plus the adjustment
   * @param basis {@link Snapshot#adjustments} of what was read
   * @return whether it was applied
   */
  public synchronized boolean adjust(long toOffsetMicros, long basis) {
    if (basis != adjustments) {
      return false;
    }
    slew();
    adjustments++;
    long change = toOffsetMicros - offsetMicros;
    if (Math.abs(change) > STEP_ABOVE_MICROS) {
      offsetMicros = toOffsetMicros;
      slewLeftMicros = 0;
    } else {
      slewLeftMicros = change;
    }
    return true;
  }

  private void slew() {
    long now = monotonicMicros.getAsLong();
    long most = (now - slewedAtMicros) / SLEW_DIVISOR;
    if (most == 0 && slewLeftMicros != 0) {
      return;
    }
    slewedAtMicros = now;
    long step = Math.max(-most, Math.min(most, slewLeftMicros));
    offsetMicros += step;
    slewLeftMicros -= step;
  }

  /** What an unsynchronised machine would show. */
  private long physicalMicros() {
    long drift = Math.round((monotonicMicros.getAsLong() - startedMicros) * driftPpm / 1e6);
    return systemMicros.getAsLong() + skewMicros + drift;
  }

  private static long systemMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
