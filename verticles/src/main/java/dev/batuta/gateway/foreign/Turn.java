package dev.batuta.gateway.foreign;

import java.util.ArrayList;
import java.util.List;

/**
 * Whose turn it is to speak: a {@link ForeignWorker} is told one thing for each that it says, on
 * the connection on which it said it. What is said goes into the effects of the worker. Belongs to
 * one thread.
 */
final class Turn {
  /** Of reports of one task that wait for the ledger. */
  private static final int MAX_REPORTS = 16;

  private final List<WorkerEffect> effects;
  private long talk;
  private boolean asking;
  private long askedAt;

  /** Where its reports are answered, one for each. */
  private final List<Long> acksTo = new ArrayList<>(1);

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

  /** One that asked before, and had no answer yet, has it now. */
  void asks(long from, long now) {
    if (asking) {
      say(talk, new Word.NoTask());
    }
    talk = from;
    asking = true;
    askedAt = now;
  }

  /** What it asked there before it reports is answered first, but not before an earlier report. */
  void reports(long from) {
    if (asking && (talk != from || !acksTo.contains(from))) {
      asking = false;
      say(talk, new Word.NoTask());
    }
    talk = from;
  }

  /** Its report is answered later, there. */
  void owesAck(long to) {
    if (acksTo.size() < MAX_REPORTS) {
      acksTo.add(to);
    } else {
      say(to, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING));
    }
  }

  /**
   * It says nothing more on the connection on which it spoke last.
   *
   * @param hears whether it can be answered there: what it asked is now, what it reported later
   * @return whether it asked there
   */
  boolean close(boolean hears) {
    boolean asked = asking;
    if (!hears) {
      acksTo.removeIf(to -> to == talk);
    } else if (asked) {
      say(talk, new Word.NoTask());
    }
    talk = 0;
    asking = false;
    return asked;
  }

  /** Answers what it asked; a report there that still has no answer has none any more. */
  void answer(Word word) {
    asking = false;
    while (acksTo.remove(talk)) {
      effects.add(new WorkerEffect.PassOver(talk));
    }
    say(talk, word);
  }

  /**
   * Answers its reports.
   *
   * @return whether there was one
   */
  boolean acknowledge(Word word) {
    boolean reported = !acksTo.isEmpty();
    acksTo.forEach(to -> say(to, word));
    acksTo.clear();
    return reported;
  }

  /**
   * Whether it has waited for a task long enough. One that has not even been told that its report
   * is recorded waits longer, as it reads one after the other.
   */
  boolean isDue(long now, FarmPlace place, WorkerTimes times) {
    if (!asking) {
      return false;
    }
    long latest = askedAt + times.patience();
    return now
        >= (place.isTaken() && !acksTo.contains(talk)
            ? Math.max(askedAt, Math.min(place.registeredAt(), latest)) + times.grace()
            : latest);
  }

  void say(long to, Word word) {
    if (to != 0) {
      effects.add(new WorkerEffect.Say(to, word));
    }
  }
}
