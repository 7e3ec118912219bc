package dev.batuta.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * A first-in-first-out list that a task in the middle can leave. The links are in the tasks
 * themselves: hundreds of thousands wait here, and each is in one lane at most.
 */
final class Lane {
  private @Nullable Entry first;
  private @Nullable Entry last;

  @Nullable Entry first() {
    return first;
  }

  void addLast(Entry entry) {
    entry.before = last;
    entry.after = null;
    if (last == null) {
      first = entry;
    } else {
      last.after = entry;
    }
    last = entry;
  }

  /** Takes out a task that is in this lane. */
  void remove(Entry entry) {
    Entry before = entry.before;
    Entry after = entry.after;
    if (before == null ? first != entry : before.after != entry) {
      throw new IllegalStateException("task " + entry.id + " is not in this lane");
    }
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
    entry.before = null;
    entry.after = null;
  }
}
