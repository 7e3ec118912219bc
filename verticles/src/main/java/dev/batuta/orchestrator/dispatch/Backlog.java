package dev.batuta.orchestrator.dispatch;

import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What of the queue is only in the store, and how far it has been read from there. Everything
 * unfinished up to {@link #readThrough} is in memory, or under a reservation that is not released
 * and will come into memory when it is, or put back into the store for a later instant.
 *
 * <p>Whether there is more to read is known by places, never by counting: {@link #stored} counts
 * for those who look on, and for the bound of the queue.
 */
final class Backlog {
  /** So many times the high water may be in memory for what cannot wait in the store. */
  static final int CROWD = 3;

  /** As {@link #readThrough}: nothing is left to be read. */
  private static final long ALL = Long.MAX_VALUE;

  private final DispatchSettings settings;

  /** Reservations that are not released: first id to count. */
  private final TreeMap<Long, Integer> reserved = new TreeMap<>();

  /** What ended during a reading, which may still show it. Bounded by the length of a reading. */
  private final Set<Long> endedMeanwhile = new HashSet<>();

  /**
   * The attempts with which tasks went back to the store during a reading, which may still show an
   * earlier one that was given up since. Bounded by the length of a reading.
   */
  private final Map<Long, Integer> backMeanwhile = new HashMap<>();

  /** What was cancelled under a reservation that is not released. Bounded by these. */
  private final Set<Long> cancelledEarly = new HashSet<>();

  /**
   * What is about to be retried, with the last attempt of it that ended meanwhile, 0 for none: a
   * reading that shows it does not know what becomes of it, and an answer that says that it is
   * retried may be older than its end.
   */
  private final Map<Long, Integer> retrying = new HashMap<>();

  /** Priorities of which there may be tasks in the store only. */
  private final boolean[] spilled = new boolean[ReadyQueue.PRIORITIES];

  private long readThrough;
  private final StoredCount storedCount;

  /** Of these, as far as they are known, those of special kinds. */
  private final StoredCount storedSpecial = new StoredCount(0);

  private int reservedCount;
  private long nextId;
  private boolean reading;

  /** Whether what is read is of a special kind ({@link KindCursors}). */
  private boolean readingSpecial;

  /** Whether there may be some that the reader has passed: then it begins again at its end. */
  private boolean passed;

  /** Of those stored, how many were put back since all was last read; some may have ended. */
  private long postponed;

  /** The first instant of those put back into the store; {@link #ALL} without any. */
  private long postponedUntil = ALL;

  /** Started since something was read. */
  private int startedSince;

  /**
   * A queue as it is resumed.
   *
   * @param nextId the first id of the term
   * @param unread how many unfinished tasks there are in the store
   */
  Backlog(DispatchSettings settings, long nextId, long unread) {
    this.settings = settings;
    this.nextId = nextId;
    this.storedCount = new StoredCount(unread);
    this.readThrough = unread == 0 ? ALL : 0;
    Arrays.fill(spilled, unread > 0);
  }

  long reserve(int count) {
    long first = nextId;
    nextId += count;
    reserved.put(first, count);
    reservedCount += count;
    return first;
  }

  void release(long firstId) {
    Integer count = reserved.remove(firstId);
    if (count == null) {
      throw new IllegalStateException("no reservation from " + firstId);
    }
    reservedCount -= count;
  }

  /** Whether an accepted task comes into memory; if not, it stays in the store for now. */
  boolean keeps(QueuedTask task, int active) {
    int water =
        settings.highWater()
            + (int) ((long) settings.highWater() * task.priority / ReadyQueue.PRIORITIES);
    boolean room = active < water && !spilled[task.priority];
    // Workers that run short do not wait for the reader: it may have a million to pass that are not
    // due. Nor does it see what is behind it, or what was committed after its page was read.
    if (room
        || wantsToRead(active)
        || (reading && !readingSpecial)
        || (isBehind(task) && active < CROWD * settings.highWater())) {
      return true;
    }
    leave(task, isBehind(task));
    spilled[task.priority] = true;
    return false;
  }

  private boolean isBehind(QueuedTask task) {
    return readThrough != ALL && task.id <= readThrough;
  }

  private void leave(QueuedTask task, boolean isPassed) {
    passed |= isPassed;
    if (readThrough == ALL) {
      readThrough = task.id - 1;
    }
    storedCount.add(task.id);
  }

  /** Whether an accepted task had been cancelled before this queue knew that it was accepted. */
  boolean isCancelledEarly(QueuedTask task) {
    return cancelledEarly.remove(task.id);
  }

  /** Notes that a task that is not in memory was cancelled. */
  void cancelled(long id, String kind) {
    if (isReserved(id)) {
      cancelledEarly.add(id);
    } else {
      storedCount.remove(id);
      if (isSpecial(kind)) {
        storedSpecial.remove(id);
      }
      ended(id);
    }
  }

  private static boolean isSpecial(String kind) {
    return !Kinds.COMMON.contains(kind);
  }

  /** A reading is not to bring this one until it is known what becomes of it. */
  void retrying(long id) {
    retrying.put(id, 0);
  }

  void notRetried(long id) {
    retrying.remove(id);
  }

  /** Whether a task that a reading shows is not one that is only in the store. */
  boolean isElsewhere(QueuedTask task) {
    return endedMeanwhile.contains(task.id) || isReserved(task.id);
  }

  /** Whether a reading is not to bring this one. */
  boolean isRetrying(long id) {
    return retrying.containsKey(id);
  }

  /**
   * Notes that it is known what becomes of a task: it is retried.
   *
   * @param counted whether it is among those that are counted as stored
   */
  void retried(QueuedTask task, boolean counted) {
    retrying.remove(task.id);
    if (counted) {
      storedCount.remove(task.id);
      if (!task.common) {
        storedSpecial.remove(task.id);
      }
    }
  }

  /** Whether a retried task comes into memory. */
  boolean keepsRetried(QueuedTask task, int active) {
    if (active < settings.highWater()) {
      return true;
    }
    leave(task, reading || isBehind(task));
    return false;
  }

  /** Notes that a task of a special kind stays in the store, or goes back there. */
  void leaveSpecial(QueuedTask task) {
    storedCount.add(task.id);
    storedSpecial.add(task.id);
    wentBack(task);
  }

  private void wentBack(QueuedTask task) {
    if (reading && task.attempt > 1) {
      backMeanwhile.put(task.id, task.attempt);
    }
  }

  /** Notes that there are more in the store, with any ids. */
  void adopt(long count) {
    if (count > 0) {
      storedCount.addAnywhere(count);
      storedSpecial.addAnywhere(0);
      readAll();
      Arrays.fill(spilled, true);
      passed = reading;
    }
  }

  private void readAll() {
    postponed = 0;
    postponedUntil = ALL;
    readThrough = 0;
  }

  /** Notes that a task went back to the store because its instant is far. */
  void postpone(QueuedTask task) {
    storedCount.add(task.id);
    postponed++;
    postponedUntil = Math.min(postponedUntil, task.dueMillis);
    wentBack(task);
  }

  /** Notes that a task in memory was started. */
  void started() {
    startedSince = Math.min(startedSince + 1, settings.highWater());
  }

  /** Whether the instant of something that was put back has come: then all is read again. */
  boolean recalls(long nowMillis) {
    boolean due = postponedUntil <= nowMillis;
    if (due) {
      readAll();
    }
    return due;
  }

  /**
   * Whether it is time to read on; if so, from {@link #readThrough}. That is when little is left in
   * memory; and, lest what came meanwhile keeps out for ever what is in the store, whenever as much
   * as fits there has been started since the last time.
   */
  boolean wantsToRead(int active) {
    boolean kept = startedSince >= settings.highWater() && active < CROWD * settings.highWater();
    return readThrough != ALL && (active < settings.lowWater() || kept);
  }

  long startReading() {
    reading = true;
    storedCount.read(new Scope.All(), readThrough);
    storedSpecial.read(new Scope.All(), readThrough);
    return readThrough;
  }

  /** A reading of a special kind begins. */
  void startReadingSpecial(Scope kind, long after) {
    reading = true;
    readingSpecial = true;
    storedCount.read(kind, after);
    storedSpecial.read(kind, after);
  }

  boolean reading() {
    return reading;
  }

  /** Whether a task that was read is news; the others are in memory, ended, or about to come. */
  boolean isNews(QueuedTask task) {
    if (retrying.containsKey(task.id)) {
      passed = true;
      return false;
    }
    boolean isOver = backMeanwhile.getOrDefault(task.id, 0) > task.attempt;
    return !isOver && !endedMeanwhile.contains(task.id) && !isReserved(task.id);
  }

  private boolean isReserved(long id) {
    Map.Entry<Long, Integer> range = reserved.floorEntry(id);
    return range != null && id < range.getKey() + range.getValue();
  }

  /**
   * A reading of a special kind is over.
   *
   * @param left tasks of the page that are only in the store after it
   */
  void endReadingSpecial(Scope kind, KindCursors.Taken taken, List<QueuedTask> left) {
    reading = false;
    readingSpecial = false;
    endedMeanwhile.clear();
    backMeanwhile.clear();
    for (QueuedTask task : taken.tasks()) {
      storedCount.remove(task.id);
      storedSpecial.remove(task.id);
    }
    count(kind, taken.throughId(), left, taken.last());
  }

  /**
   * A reading is over.
   *
   * @param taken what of the page came into memory
   * @param left tasks of it that are only in the store after it
   */
  void endReading(
      List<QueuedTask> page, List<QueuedTask> taken, List<QueuedTask> left, boolean last) {
    reading = false;
    startedSince = 0;
    endedMeanwhile.clear();
    backMeanwhile.clear();
    taken.forEach(task -> storedCount.remove(task.id));
    count(new Scope.All(), page.isEmpty() ? readThrough : page.getLast().id, left, last);
    if (passed && (last || readThrough == 0)) {
      passed = false;
      readThrough = 0;
      return;
    }
    if (last) {
      readThrough = ALL;
      Arrays.fill(spilled, false);
      return;
    }
    readThrough = page.getLast().id;
  }

  private void count(Scope by, long throughId, List<QueuedTask> left, boolean last) {
    storedCount.page(by, throughId, left.size(), last);
    storedSpecial.page(by, throughId, left.stream().filter(task -> !task.common).count(), last);
  }

  /** Notes that an attempt of a task in memory was the last one. */
  void ended(QueuedTask task) {
    retrying.computeIfPresent(task.id, (id, last) -> Math.max(last, task.attempt));
    ended(task.id);
  }

  private void ended(long id) {
    if (reading) {
      endedMeanwhile.add(id);
    }
  }

  /** Whether a task that is said to be retried has ended since. */
  boolean hasEndedSince(QueuedTask retried) {
    return retrying.getOrDefault(retried.id, 0) >= retried.attempt;
  }

  /** Unfinished tasks that are not in memory, with those that are being accepted. */
  long outside() {
    return storedCount.stored() + reservedCount;
  }

  /** Unfinished tasks that are committed and not in memory. */
  long stored() {
    return storedCount.stored();
  }

  /** Those of {@link #stored} of the common kinds that are not known to wait for an instant. */
  long unread() {
    return readThrough == ALL
        ? 0
        : Math.max(0, storedCount.stored() - postponed - storedSpecial.known());
  }

  /** Those of {@link #stored} of special kinds, as far as they are known. */
  long special() {
    return storedSpecial.known();
  }

  /** No acceptance of this term up to this id is under way or to come. */
  long compactedThrough() {
    return (reserved.isEmpty() ? nextId : reserved.firstKey()) - 1;
  }
}
