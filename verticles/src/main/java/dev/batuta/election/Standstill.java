package dev.batuta.election;

/**
 * A process that stood still, as a new one does while it loads its classes, finds all its bounds
 * overdue at once, though the answers may be there to be read. It may not act meanwhile, but before
 * it gives anything up for lack of an answer it takes the time to get one. Only once in a while
 * ({@link Times#calm}): one that stands still again and again is as good as away. Instants are
 * monotonic, in milliseconds.
 *
 * @param looked when it looked at the time last
 * @param woke when it moved again, after the latest standstill that counts
 */
record Standstill(long looked, long woke) {
  private static final long NEVER = Long.MIN_VALUE / 2;

  static Standstill none(long now) {
    return new Standstill(now, NEVER);
  }

  Standstill looked(long now, Times times) {
    boolean stoodStill = now - looked > times.still();
    boolean isSpent = now - woke < times.calm();
    return new Standstill(now, stoodStill && !isSpent ? now : woke);
  }

  /** An answer that was long in coming shows it too. */
  Standstill answeredLate(long now) {
    return new Standstill(looked, now);
  }

  /** Whether what is overdue is to be waited for: it moves again only for less than this. */
  boolean excuses(long now, long millis) {
    return now - woke < millis;
  }
}
