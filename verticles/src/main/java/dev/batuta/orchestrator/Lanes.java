package dev.batuta.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Tasks that may be sent now: one first-in-first-out lane for each priority, higher first. A lane
 * that was passed over {@code patience} times in a row is next, whatever waits in higher ones, and
 * of several the one that was passed over most often: so the head of every lane is sent after at
 * most {@code patience + PRIORITIES} others, and the higher ones keep at least {@code 1 -
 * PRIORITIES / patience} of all that is sent.
 */
final class Lanes {
  static final int PRIORITIES = 10;

  private final int patience;
  private final Lane[] lanes = new Lane[PRIORITIES];

  /** How much had been taken when this lane was last served, or got its first task. */
  private final long[] servedAt = new long[PRIORITIES];

  private long taken;
  private int size;

  Lanes(int patience) {
    this.patience = patience;
    for (int priority = 0; priority < PRIORITIES; priority++) {
      lanes[priority] = new Lane();
    }
  }

  void add(Entry entry) {
    Lane lane = lanes[entry.priority];
    if (lane.first() == null) {
      servedAt[entry.priority] = taken;
    }
    lane.addLast(entry);
    size++;
  }

  /** The one whose turn it is; null when nothing waits. */
  @Nullable Entry peek() {
    if (size == 0) {
      return null;
    }
    Entry turn = null;
    long longest = patience - 1L;
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
      Entry head = lanes[priority].first();
      long passedOver = taken - servedAt[priority];
      if (head != null && (turn == null || passedOver > longest)) {
        turn = head;
        longest = Math.max(longest, passedOver);
      }
    }
    return turn;
  }

  /** Takes what {@link #peek} showed, to be sent. */
  void take(Entry head) {
    remove(head);
    taken++;
    servedAt[head.priority] = taken;
  }

  /** Takes out one that will not be sent, wherever in its lane it is. */
  void remove(Entry entry) {
    lanes[entry.priority].remove(entry);
    size--;
  }

  int size() {
    return size;
  }
}
