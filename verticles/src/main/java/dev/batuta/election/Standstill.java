package dev.batuta.election;

/**
 * A process that stood still, as a new one does while it loads its classes, finds all its bounds
 * overdue at once, though the answers may be there to be read. It may not act meanwhile, but before
 * it gives anything up for lack of an answer it lets the database say how things are. Instants are
 * monotonic, in milliseconds.
 *
 * @param looked when it looked at the time last
 * @param excused until when an answer is not missed
 */
record Standstill(long looked, long excused) {
  static Standstill none(long now) {
    return new Standstill(now, now);
  }

  Standstill looked(long now, Times times) {
    return new Standstill(now, now - looked > times.still() ? now + times.claim() : excused);
  }

  /** Whether what is overdue now is to be waited for a little longer. */
  boolean excuses(long now) {
    return now < excused;
  }
}
