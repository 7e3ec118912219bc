package dev.batuta.election;

/**
 * Bounds how often one server starts elections: links that flap, or that work one way only, must
 * not make it spin. The first two elections after a calm time start at once, each further one waits
 * twice as long as the one before. Instants are monotonic, in milliseconds.
 *
 * @param strikes elections since the last calm time
 * @param notBefore of the next election
 * @param latest when the last one was started
 */
record Backoff(int strikes, long notBefore, long latest) {
  private static final int FREE = 2;
  private static final int MAX_DOUBLINGS = 20;

  static Backoff none(long now) {
    return new Backoff(0, now, now);
  }

  Backoff struck(long now, Times times) {
    int doublings = Math.min(strikes + 1 - FREE, MAX_DOUBLINGS);
    long pause = doublings < 0 ? 0 : Math.min(times.longest(), times.answer() << doublings);
    return new Backoff(strikes + 1, now + pause, now);
  }

  Backoff atLeastUntil(long instant) {
    return new Backoff(strikes, Math.max(notBefore, instant), latest);
  }

  /**
   * A baton that was let go, or a coordinator whose connections closed, is worth an election before
   * its time, but not in quick succession.
   */
  Backoff onEvidence(long now, Times times) {
    long soon = Math.max(now, latest + times.answer());
    return new Backoff(strikes, strikes == 0 ? now : Math.min(notBefore, soon), latest);
  }

  Backoff passed(long now, Times times) {
    return strikes > 0 && now >= notBefore && now - latest >= times.calm() ? none(now) : this;
  }
}
