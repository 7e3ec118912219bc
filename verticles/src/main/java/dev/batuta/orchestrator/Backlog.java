package dev.batuta.orchestrator;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What of the queue is only in the store, and how far it has been read from there. Everything
 * unfinished up to {@link #readThrough} is in memory, or under a reservation that is not settled
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

  /** Reservations that are not settled: first id to count. */
  private final TreeMap<Long, Integer> reserved = new TreeMap<>();

  /** What ended during a reading, which may still show it. Bounded by the length of a reading. */
  private final Set<Long> endedMeanwhile = new HashSet<>();

  /** What was cancelled under a reservation that is not settled. Bounded by these. */
  private final Set<Long> cancelledEarly = new HashSet<>();

  /** What is about to be revived: a reading that shows it does not know what becomes of it. */
  private final Set<Long> reviving = new HashSet<>();

  /** Priorities of which there may be tasks in the store only. */
  private final boolean[] spilled = new boolean[Lanes.PRIORITIES];

  private long readThrough;
  private long stored;
  private int reservedCount;
  private long nextId;
  private boolean reading;

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
    this.stored = unread;
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

  void settle(long firstId) {
    Integer count = reserved.remove(firstId);
    if (count == null) {
      throw new IllegalStateException("no reservation from " + firstId);
    }
    reservedCount -= count;
  }

  /** Whether an accepted task comes into memory; if not, it stays in the store for now. */
  boolean keeps(Entry entry, int active) {
    int water =
        settings.highWater()
            + (int) ((long) settings.highWater() * entry.priority / Lanes.PRIORITIES);
    boolean room = active < water && !spilled[entry.priority];
    // Behind the reader, or perhaps overtaken by a reading that began before its commit.
    if (room || reading || (isBehind(entry) && active < CROWD * settings.highWater())) {
      return true;
    }
    leave(entry, isBehind(entry));
    spilled[entry.priority] = true;
    return false;
  }

  private boolean isBehind(Entry entry) {
    return readThrough != ALL && entry.id <= readThrough;
  }

  private void leave(Entry entry, boolean isPassed) {
    passed |= isPassed;
    if (readThrough == ALL) {
      readThrough = entry.id - 1;
    }
    stored++;
  }

  /** Whether an accepted task had been cancelled before this queue knew that it was accepted. */
  boolean isCancelledEarly(Entry entry) {
    return cancelledEarly.remove(entry.id);
  }

  /** Notes that a task that is not in memory was cancelled. */
  void cancelled(long id) {
    if (isReserved(id)) {
      cancelledEarly.add(id);
    } else {
      stored = Math.max(0, stored - 1);
      ended(id);
    }
  }

  /** A reading is not to bring this one until it is known what becomes of it. */
  void reviving(long id) {
    reviving.add(id);
  }

  void notRevived(long id) {
    reviving.remove(id);
  }

  /**
   * Whether a revived task comes into memory.
   *
   * @param counted whether it is among those that are counted as stored
   */
  boolean keepsRevived(Entry entry, boolean counted, int active) {
    reviving.remove(entry.id);
    if (counted) {
      stored = Math.max(0, stored - 1);
    }
    if (active < settings.highWater()) {
      return true;
    }
    leave(entry, reading || isBehind(entry));
    return false;
  }

  /** Notes that there are more in the store, with any ids. */
  void inherit(long count) {
    if (count > 0) {
      stored += count;
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
  void postpone(Entry entry) {
    stored++;
    postponed++;
    postponedUntil = Math.min(postponedUntil, entry.dueMillis);
  }

  /** Notes that a task in memory was started. */
  void started() {
    startedSince = Math.min(startedSince + 1, settings.highWater());
  }

  /**
   * Whether it is time to read on; if so, from {@link #readThrough}. That is when little is left in
   * memory; and, lest what came meanwhile keeps out for ever what is in the store, whenever as much
   * as fits there has been started since the last time.
   */
  boolean wantsToRead(long nowMillis, int active) {
    if (reading) {
      return false;
    }
    if (postponedUntil <= nowMillis) {
      readAll();
    }
    boolean kept = startedSince >= settings.highWater() && active < CROWD * settings.highWater();
    return readThrough != ALL && (active < settings.lowWater() || kept);
  }

  long startReading() {
    reading = true;
    return readThrough;
  }

  boolean reading() {
    return reading;
  }

  /** Whether a task that was read is news; the others are in memory, ended, or about to come. */
  boolean isNews(Entry entry) {
    if (reviving.contains(entry.id)) {
      passed = true;
      return false;
    }
    return !endedMeanwhile.contains(entry.id) && !isReserved(entry.id);
  }

  private boolean isReserved(long id) {
    Map.Entry<Long, Integer> range = reserved.floorEntry(id);
    return range != null && id < range.getKey() + range.getValue();
  }

  void endReading(List<Entry> page, int news, boolean last) {
    reading = false;
    startedSince = 0;
    endedMeanwhile.clear();
    stored = Math.max(0, stored - news);
    if (passed && (last || readThrough == 0)) {
      passed = false;
      readThrough = 0;
      return;
    }
    if (last) {
      readThrough = ALL;
      Arrays.fill(spilled, false);
      if (postponedUntil == ALL) {
        stored = 0;
      }
      return;
    }
    readThrough = page.getLast().id;
  }

  void ended(long id) {
    if (reading) {
      endedMeanwhile.add(id);
    }
  }

  /** Unfinished tasks that are not in memory, with those that are being accepted. */
  long outside() {
    return stored + reservedCount;
  }

  /** Unfinished tasks that are committed and not in memory. */
  long stored() {
    return stored;
  }

  /** Those of {@link #stored} that are not known to wait for an instant. */
  long unread() {
    return readThrough == ALL ? 0 : Math.max(0, stored - postponed);
  }

  /** No acceptance of this term up to this id is under way or to come. */
  long settledThrough() {
    return (reserved.isEmpty() ? nextId : reserved.firstKey()) - 1;
  }
}
