package dev.batuta.orchestrator.dispatch;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tasks in memory that wait for an instant: not-before, or the back-off after an attempt. */
final class DelayedTasks {
  private final TreeSet<QueuedTask> tasks = new TreeSet<>(QueuedTask.BY_DUE);
  private int common;
  private int weight;

  void add(QueuedTask task) {
    tasks.add(task);
    common += task.common ? 1 : 0;
    weight += task.weight;
  }

  void remove(QueuedTask task) {
    tasks.remove(task);
    common -= task.common ? 1 : 0;
    weight -= task.weight;
  }

  /** The first one whose instant has come. */
  @Nullable QueuedTask due(long nowMillis) {
    return tasks.isEmpty() || tasks.first().dueMillis > nowMillis ? null : tasks.first();
  }

  /** The one that waits longest yet. */
  QueuedTask farthest() {
    return tasks.last();
  }

  /** Those of the kinds that every worker takes. */
  int common() {
    return common;
  }

  /** Of all, by {@link Weight}. */
  int weight() {
    return weight;
  }
}
