package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.dispatch.FarmWorker.Slot;
import dev.batuta.orchestrator.dispatch.QueuedTask.Place;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that are with a worker, and those of which the end of an attempt is being persisted.
 */
final class InFlight {
  private final TreeSet<QueuedTask> deadlines = new TreeSet<>(QueuedTask.BY_DEADLINE);
  private int running;
  private int persisting;

  Assignment start(QueuedTask task, FarmWorker worker, long nowMillis) {
    task.place = Place.RUNNING;
    task.worker = worker;
    task.startedAtMillis = nowMillis;
    worker.slots.add(new Slot(task.id, task.attempt));
    running++;
    if (task.timeoutMillis > 0) {
      task.deadlineMillis = nowMillis + task.timeoutMillis;
      deadlines.add(task);
    }
    return new Assignment(
        task.id,
        task.attempt,
        task.timeoutMillis,
        task.payload,
        task.trace == null ? null : task.trace.traceparent());
  }

  /** The attempt is over, and that is to be persisted. */
  void stop(QueuedTask task) {
    takeBack(task);
    task.place = Place.PERSISTING;
    persisting++;
  }

  /** It is with a worker no more. */
  void takeBack(QueuedTask task) {
    running--;
    if (task.timeoutMillis > 0) {
      deadlines.remove(task);
    }
    task.worker = null;
  }

  /** If the end of an attempt of it was being persisted: that is over. */
  void persisted(QueuedTask task) {
    if (task.place == Place.PERSISTING) {
      persisting--;
    }
  }

  /** The running task whose time is over first, if one's is. */
  @Nullable QueuedTask overdue(long nowMillis) {
    return deadlines.isEmpty() || deadlines.first().deadlineMillis > nowMillis
        ? null
        : deadlines.first();
  }

  int running() {
    return running;
  }

  /** All of them. */
  int outstanding() {
    return running + persisting;
  }
}
