package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How far the tasks of each special kind have been read from the store. They are not in the {@link
 * Backlog}, which reads past them, so that however many there are, they hold up nothing else.
 *
 * <p>Of a kind that no worker takes, nothing is in memory and nothing is known here. Of one that is
 * taken, everything unfinished up to {@code readThrough} is in memory, or under a reservation that
 * is not released, or put back into the store for a later instant.
 */
final class KindCursors {
  /** Nothing is left to be read. */
  private static final long ALL = Long.MAX_VALUE;

  /** One kind. */
  private static final class Cursor {
    long readThrough;
    boolean again;
    int limit;

    Cursor(int limit) {
      this.limit = limit;
    }

    void endReading(long through, int there, int taken, boolean last, int maxLimit) {
      readThrough = again ? 0 : last && taken == there ? ALL : through;
      again = false;
      if (taken < there) {
        limit = Math.clamp(2L * taken, 1, maxLimit);
      } else if (there < limit / 4 || limit < 4) {
        limit = Math.min(maxLimit, 2 * limit);
      }
    }
  }

  /**
   * What of a page came into memory.
   *
   * @param throughId up to where the page was taken
   * @param last whether nothing is beyond that
   */
  record Taken(List<QueuedTask> tasks, long throughId, boolean last) {}

  /** So much of one kind, by {@link Weight}, waits in memory for a worker. */
  private final int room;

  /** Most tasks that one reading brings. */
  private final int maxLimit;

  private final TreeMap<String, Cursor> cursors = new TreeMap<>();
  private @Nullable String reading;
  private String last = "";

  KindCursors(DispatchSettings settings) {
    this.room = Math.max(10, settings.lowWater() / 10);
    this.maxLimit = Math.min(settings.page(), 2 * room);
  }

  /** These are the kinds that workers take now. */
  void open(Set<String> taken) {
    cursors.keySet().retainAll(taken);
    for (String kind : taken) {
      if (!Kinds.COMMON.contains(kind)) {
        cursors.computeIfAbsent(kind, this::begun);
      }
    }
  }

  /** One of which nothing is in memory, also if a reading for the one before it is under way. */
  private Cursor begun(String kind) {
    Cursor cursor = new Cursor(maxLimit / 4 + 1);
    cursor.again = kind.equals(reading);
    return cursor;
  }

  /**
   * Whether a task that comes now comes into memory; if not, it stays in the store for now.
   *
   * @param weight of those of its kind that wait in memory
   */
  boolean keeps(QueuedTask task, int weight) {
    Cursor cursor = cursors.get(task.kind());
    if (cursor == null) {
      return false;
    }
    // It may have been overtaken by a reading that began before its commit.
    if (task.kind().equals(reading) || (cursor.readThrough == ALL && weight < room)) {
      return true;
    }
    cursor.readThrough = Math.min(cursor.readThrough, task.id - 1);
    return false;
  }

  /** There may be some anywhere in the store. */
  void restart() {
    cursors.forEach(
        (kind, cursor) -> {
          cursor.readThrough = 0;
          cursor.again = kind.equals(reading);
        });
  }

  /**
   * A kind of which it is time to read on, by turns.
   *
   * @param weight of those of a kind that wait in memory
   */
  Optional<String> wantsToRead(ToIntFunction<String> weight) {
    String next = first(cursors.tailMap(last, false), weight);
    return Optional.ofNullable(next != null ? next : first(cursors.headMap(last, true), weight));
  }

  private @Nullable String first(Map<String, Cursor> some, ToIntFunction<String> weight) {
    for (Map.Entry<String, Cursor> each : some.entrySet()) {
      if (each.getValue().readThrough != ALL && weight.applyAsInt(each.getKey()) < room / 2) {
        return each.getKey();
      }
    }
    return null;
  }

  /** What to ask for; answered by {@link #endReading}. */
  DispatchEffect.Load startReading(String kind) {
    Cursor cursor = Objects.requireNonNull(cursors.get(kind), "an open cursor");
    reading = kind;
    last = kind;
    return new DispatchEffect.Load(cursor.readThrough, cursor.limit, new Scope.Kind(kind));
  }

  /** The kind that is being read. */
  Optional<String> reading() {
    return Optional.ofNullable(reading);
  }

  /**
   * A reading is over.
   *
   * @param page what it brought, of whatever kinds
   * @param last whether nothing is beyond that
   * @param isNews whether a task is not in memory yet, and has not ended
   * @param weight of those of a kind that wait in memory
   * @return what comes into memory now; what there is no room for is read again
   */
  Taken endReading(
      List<QueuedTask> page,
      boolean last,
      Predicate<QueuedTask> isNews,
      ToIntFunction<String> weight) {
    String kind = Objects.requireNonNull(reading, "a reading");
    reading = null;
    Cursor cursor = cursors.get(kind);
    if (cursor == null) {
      return new Taken(List.of(), 0, false);
    }
    List<QueuedTask> taken = new ArrayList<>();
    int there = 0;
    int waiting = weight.applyAsInt(kind);
    long through = page.isEmpty() ? cursor.readThrough : page.getLast().id;
    for (QueuedTask task : page) {
      if (!task.kind().equals(kind) || !isNews.test(task)) {
        continue;
      }
      there++;
      if (waiting < room && there == taken.size() + 1) {
        taken.add(task);
        waiting += task.weight;
      } else {
        through = Math.min(through, task.id - 1);
      }
    }
    cursor.endReading(through, there, taken.size(), last, maxLimit);
    return new Taken(taken, through, last && taken.size() == there);
  }
}
