package dev.batuta.election;

import java.time.Duration;

/**
 * How long there was no coordinator, all times together, as one node knew it; nothing before that
 * node begins to look. Time is monotonic, in nanoseconds of any scale. Safe on any thread.
 */
final class Leaderless {
  private long pastNanos;
  private boolean lacking;
  private long sinceNanos;

  /** What is known changed, or was said again. */
  synchronized void changed(boolean isLacking, long nowNanos) {
    pastNanos = nanosUntil(nowNanos);
    lacking = isLacking;
    sinceNanos = nowNanos;
  }

  /** Until now, with the time that still lasts. */
  synchronized Duration until(long nowNanos) {
    return Duration.ofNanos(nanosUntil(nowNanos));
  }

  private long nanosUntil(long nowNanos) {
    return pastNanos + (lacking ? nowNanos - sinceNanos : 0);
  }
}
