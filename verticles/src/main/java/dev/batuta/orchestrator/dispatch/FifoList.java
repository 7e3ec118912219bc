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

  void addLast(QueuedTask task) {
    task.before = last;
    task.after = null;
    if (last == null) {
      first = task;
    } else {
      last.after = task;
    }
    last = task;
  }

  /** Takes out a task that is in this list. */
  void remove(QueuedTask task) {
    QueuedTask before = task.before;
    QueuedTask after = task.after;
    if (before == null ? first != task : before.after != task) {
      throw new IllegalStateException("task " + task.id + " is not in this list");
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
    task.before = null;
    task.after = null;
  }
}
