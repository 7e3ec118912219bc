package dev.batuta.orchestrator.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * A first-in-first-out list that a task in the middle can leave. The links are in the tasks
 * themselves: hundreds of thousands wait here, and each is in one list at most.
 */
final class FifoList {
  private @Nullable QueuedTask first;
  private @Nullable QueuedTask last;

  @Nullable QueuedTask first() {
    return first;
  }

  void addLast(QueuedTask entry) {
    entry.before = last;
    entry.after = null;
    if (last == null) {
      first = entry;
    } else {
      last.after = entry;
    }
    last = entry;
  }

  /** Takes out a task that is in this list. */
  void remove(QueuedTask entry) {
    QueuedTask before = entry.before;
    QueuedTask after = entry.after;
    if (before == null ? first != entry : before.after != entry) {
      throw new IllegalStateException("task " + entry.id + " is not in this list");
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
