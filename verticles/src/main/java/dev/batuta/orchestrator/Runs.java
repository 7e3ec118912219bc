package dev.batuta.orchestrator;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.Entry.Place;
import dev.batuta.orchestrator.FarmHand.Slot;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that are with a worker, and those of which the end of an attempt is being persisted.
 */
final class Runs {
  private final TreeSet<Entry> deadlines = new TreeSet<>(Entry.BY_DEADLINE);
  private int running;
  private int settling;

  Assignment start(Entry entry, FarmHand hand, long nowMillis) {
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
  void stop(Entry entry) {
    takeBack(entry);
    entry.place = Place.SETTLING;
    settling++;
  }

  /** It is with a worker no more. */
  void takeBack(Entry entry) {
    running--;
    if (entry.timeoutMillis > 0) {
      deadlines.remove(entry);
    }
    entry.hand = null;
  }

  /** If the end of an attempt of it was being persisted: that is over. */
  void settled(Entry entry) {
    if (entry.place == Place.SETTLING) {
      settling--;
    }
  }

  /** The running task whose time is over first, if one's is. */
  @Nullable Entry overdue(long nowMillis) {
    return deadlines.isEmpty() || deadlines.first().deadlineMillis > nowMillis
        ? null
        : deadlines.first();
  }

  int running() {
    return running;
  }

  /** All of them. */
  int outstanding() {
    return running + settling;
  }
}
