package dev.batuta.cli.bot;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a bot speaks, and to whom. Its turns come at its rate, whatever it hears: an answer takes a
 * turn and adds none, so answers to answers cannot grow. A message is answered at most once, by the
 * one whom it addresses.
 *
 * <p>Pure: the time is given. Instants are those of one monotonic clock, in nanoseconds. A turn
 * that was missed is not made up for: within any time t there are at most t / interval + 2 turns.
 */
final class Turns {
  /** Messages that wait for an answer; more are let go. */
  static final int MAX_OWED = 16;

  private static final List<String> QUESTIONS =
      List.of(
          "who has the baton?",
          "what does your clock say?",
          "did you hear the last one too?",
          "which server are you at?",
          "is anybody missing?",
          "how many of us are here?");
  private static final List<String> ANSWERS =
      List.of(
          "the one with the best rank, I think.",
          "later than what you sent, for sure.",
          "once, and only once.",
          "at the one that answered.",
          "not that I know of.",
          "enough for a majority.");

  private final String self;
  private final long intervalNanos;
  private final Deque<String> owed = new ArrayDeque<>();
  private @Nullable String lastSpeaker;
  private long dueNanos;
  private int spoken;

  /** What is said in a turn. */
  record Say(Optional<String> to, String words) {}

  /**
   * @param self its name
   * @param intervalNanos between two turns
   * @param firstNanos when the first turn is
   */
  Turns(String self, long intervalNanos, long firstNanos) {
    this.self = self;
    this.intervalNanos = intervalNanos;
    this.dueNanos = firstNanos;
  }

  /** A message of its channel, also one of its own. */
  void hear(String author, String text) {
    if (author.equalsIgnoreCase(self)) {
      return;
    }
    lastSpeaker = author;
    if (Remark.isTo(self, text) && owed.size() < MAX_OWED) {
      owed.addLast(author);
    }
  }

  /** When the next turn is. */
  long dueNanos() {
    return dueNanos;
  }

  /** Messages that wait for an answer. */
  int owed() {
    return owed.size();
  }

  /** Takes the turn: answers who waits longest, else asks who spoke last. */
  Say speak(long nowNanos) {
    var to = owed.isEmpty() ? lastSpeaker : owed.peekFirst();
    var words = owed.isEmpty() ? QUESTIONS : ANSWERS;
    owed.pollFirst();
    pass(nowNanos);
    return new Say(Optional.ofNullable(to), words.get(spoken++ % words.size()));
  }

  /** Says nothing in this turn. */
  void pass(long nowNanos) {
    if (nowNanos - dueNanos < 0) {
      throw new IllegalStateException(
          "%s has no turn for %d ns yet".formatted(self, dueNanos - nowNanos));
    }
    dueNanos = Math.max(dueNanos + intervalNanos - nowNanos, 0) + nowNanos;
  }
}
