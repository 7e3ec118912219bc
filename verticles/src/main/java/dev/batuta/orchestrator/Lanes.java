package dev.batuta.orchestrator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tasks that may be sent now: one first-in-first-out lane for each priority, higher first. */
final class Lanes {
  static final int PRIORITIES = 10;

  private final List<ArrayDeque<Entry>> lanes = new ArrayList<>(PRIORITIES);
  private int size;

  Lanes() {
    for (int priority = 0; priority < PRIORITIES; priority++) {
      lanes.add(new ArrayDeque<>());
    }
  }

  void add(Entry entry) {
    lanes.get(entry.priority).addLast(entry);
    size++;
  }

  /** The one whose turn it is; null when nothing waits. */
  @Nullable Entry peek() {
    for (int priority = PRIORITIES - 1; size > 0 && priority >= 0; priority--) {
      Entry head = lanes.get(priority).peekFirst();
      if (head != null) {
        return head;
      }
    }
    return null;
  }

  /** Takes what {@link #peek} showed. */
  void remove(Entry head) {
    Entry removed = lanes.get(head.priority).removeFirst();
    if (removed != head) {
      throw new IllegalStateException("task " + head.id + " is not the head of its lane");
    }
    size--;
  }

  int size() {
    return size;
  }
}
