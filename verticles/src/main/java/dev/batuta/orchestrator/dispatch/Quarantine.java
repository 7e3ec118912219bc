package dev.batuta.orchestrator.dispatch;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Tasks on their last attempt that lost an earlier one together with its worker. One of them may be
 * what ends workers; the others only were beside it. So each goes alone, to a worker where nothing
 * else is at stake meanwhile: what ends that one takes nobody's last attempt with it, and the
 * others get theirs. First in, first out, whatever their priorities, with half of the workers at
 * most. It is no rule that nothing else must wait for: after {@link #PATIENCE_MILLIS} a suspect
 * goes with the others.
 */
final class Quarantine {
  /** So long a suspect waits, from when it may run, for a worker of its own. */
  static final long PATIENCE_MILLIS = 30_000;

  private final Set<QueuedTask> suspects = new LinkedHashSet<>();

  /** Whether a task is to run alone next time. */
  static boolean concerns(QueuedTask task) {
    return task.lostWithWorker && task.attempt == task.maxAttempts;
  }

  void add(QueuedTask task) {
    suspects.add(task);
  }

  void remove(QueuedTask task) {
    if (!suspects.remove(task)) {
      throw new IllegalStateException("task " + task.id + " is not in quarantine");
    }
  }

  /** Those that wait, as of now. */
  List<QueuedTask> suspects() {
    return List.copyOf(suspects);
  }
}
