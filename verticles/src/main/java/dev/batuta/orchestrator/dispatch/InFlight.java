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

  Assignment start(QueuedTask entry, FarmWorker hand, long nowMillis) {
    entry.place = Place.RUNNING;
    entry.hand = hand;
    entry.startedAtMillis = nowMillis;
    hand.slots.add(new Slot(entry.id, entry.attempt));
    running++;
    if (entry.timeoutMillis > 0) {
      entry.deadlineMillis = nowMillis + entry.timeoutMillis;
      deadlines.add(entry);
    }
    return new Assignment(entry.id, entry.attempt, entry.timeoutMillis, entry.payload);
  }

  /** The attempt is over, and that is to be persisted. */
  void stop(QueuedTask entry) {
    takeBack(entry);
    entry.place = Place.PERSISTING;
    persisting++;
  }

  /** It is with a worker no more. */
  void takeBack(QueuedTask entry) {
    running--;
    if (entry.timeoutMillis > 0) {
      deadlines.remove(entry);
    }
    entry.hand = null;
  }

  /** If the end of an attempt of it was being persisted: that is over. */
  void persisted(QueuedTask entry) {
    if (entry.place == Place.PERSISTING) {
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
