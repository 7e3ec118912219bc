package dev.batuta.messaging.search;

import java.time.Duration;

/**
 * How long one question to an index may take, since it is being answered.
 *
 * @param beganNanos of {@link System#nanoTime}
 * @param enough after which a page ends, short as it may be
 * @param most after which it is given up, whatever it does
 */
record SearchTime(long beganNanos, Duration enough, Duration most) {
  private static final Duration ENOUGH = Duration.ofMillis(500);
  private static final Duration MOST = Duration.ofSeconds(2);

  static SearchTime fromNow() {
    return new SearchTime(System.nanoTime(), ENOUGH, MOST);
  }

  boolean isEnough() {
    return left(enough) <= 0;
  }

  boolean isOver() {
    return left(most) <= 0;
  }

  /** What is left of the most. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, left(most)));
  }

  private long left(Duration bound) {
    return bound.toNanos() - (System.nanoTime() - beganNanos);
  }
}
