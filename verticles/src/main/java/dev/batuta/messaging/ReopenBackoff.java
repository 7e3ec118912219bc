package dev.batuta.messaging;

import java.time.Duration;

/**
 * After what time it is tried again whether the disk takes messages: soon, then less and less
 * often. Pure; one thread.
 */
final class ReopenBackoff {
  static final Duration FIRST = Duration.ofSeconds(1);
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** Without need for so long, it begins anew. */
  private static final Duration QUIET = LONGEST.multipliedBy(2);

  private Duration pause = Duration.ZERO;
  private long askedNanos;

  /**
   * The pause from now on.
   *
   * @param nowNanos monotonic, in nanoseconds of any scale
   */
  Duration next(long nowNanos) {
    boolean isFirst = pause.isZero() || nowNanos - askedNanos > QUIET.toNanos();
    Duration longer = pause.multipliedBy(2);
    pause = isFirst ? FIRST : longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
    askedNanos = nowNanos;
    return pause;
  }
}
