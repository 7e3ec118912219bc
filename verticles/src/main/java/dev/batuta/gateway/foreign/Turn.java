package dev.batuta.gateway.foreign;

import java.util.List;

/**
 * Whose turn it is to speak: a {@link ForeignWorker} is told one thing for each that it says, on
 * the connection on which it said it. What is said goes into the effects of the worker. Belongs to
 * one thread.
 */
final class Turn {
  private final List<WorkerEffect> effects;
  private long talk;
  private boolean asking;
  private long askedAt;
  private long ackTo;

  Turn(List<WorkerEffect> effects) {
    this.effects = effects;
  }

  /** The connection on which it spoke last, 0 when that is closed. */
  long talk() {
    return talk;
  }

  /** Whether it has asked, and waits for a task. */
  boolean isAsking() {
    return asking;
  }

  void asks(long from, long now) {
    talk = from;
    asking = true;
    askedAt = now;
  }

  void reports(long from) {
    talk = from;
  }

  /** Its report is answered later, there. */
  void owesAck(long to) {
    ackTo = to;
  }

  /**
   * The connection on which it spoke last is closed.
   *
   * @return whether it asked there
   */
  boolean close() {
    boolean asked = asking;
    talk = 0;
    ackTo = 0;
    asking = false;
    return asked;
  }

  /** Answers what it asked, and with that all that it said before. */
  void answer(Word word) {
    asking = false;
    ackTo = 0;
    say(talk, word);
  }

  /**
   * Answers its report.
   *
   * @return whether there was one
   */
  boolean acknowledge(Word word) {
    long to = ackTo;
    ackTo = 0;
    say(to, word);
    return to != 0;
  }

  /** Whether it has waited for a task long enough. */
  boolean isDue(long now, FarmPlace place, WorkerTimes times) {
    if (!asking) {
      return false;
    }
    long latest = askedAt + times.patience();
    return now
        >= (place.isTaken()
            ? Math.max(askedAt, Math.min(place.registeredAt(), latest)) + times.grace()
            : latest);
  }

  void say(long to, Word word) {
    if (to != 0) {
      effects.add(new WorkerEffect.Say(to, word));
    }
  }
}
