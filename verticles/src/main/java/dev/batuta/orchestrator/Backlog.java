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
 * and will come into memory when it is, or {@link #postponed} for a later instant.
 */
final class Backlog {
  /** So many times the high water may be in memory for what cannot wait in the store. */
  static final int CROWD = 3;

  private static final long ALL = Long.MAX_VALUE;

  private final DispatchSettings settings;

  /** Reservations that are not settled: first id to count. */
  private final TreeMap<Long, Integer> reserved = new TreeMap<>();

  /** What ended during a reading, which may still show it. Bounded by the length of a reading. */
  private final Set<Long> endedMeanwhile = new HashSet<>();

  /** Priorities of which there may be tasks in the store only. */
  private final boolean[] spilled = new boolean[Lanes.PRIORITIES];

  private long readThrough;
  private long unread;
  private int reservedCount;
  private long nextId;
  private boolean reading;

  /** Whether there may be some that the reader has passed: then it begins again at its end. */
  private boolean passed;

  /** Those put back into the store until {@link #postponedUntil}. */
  private long postponed;

  private long postponedUntil = ALL;

  /**
   * A queue as it is resumed.
   *
   * @param nextId the first id of the term
   * @param unread how many unfinished tasks there are in the store
   */
  Backlog(DispatchSettings settings, long nextId, long unread) {
    this.settings = settings;
    this.nextId = nextId;
    this.unread = unread;
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
    boolean behind = readThrough != ALL && entry.id <= readThrough;
    // Behind the reader, or perhaps overtaken by a reading that began before its commit.
    if (room || reading || (behind && active < CROWD * settings.highWater())) {
      return true;
    }
    passed |= behind;
    if (readThrough == ALL) {
      readThrough = entry.id - 1;
    }
    spilled[entry.priority] = true;
    unread++;
    return false;
  }

  /** Notes that there are more in the store, with any ids. */
  void inherit(long count) {
    if (count > 0) {
      unread += count;
      readAll();
      Arrays.fill(spilled, true);
      passed = reading;
    }
  }

  private void readAll() {
    unread += postponed;
    postponed = 0;
    postponedUntil = ALL;
    readThrough = 0;
  }

  /** Notes that a task went back to the store because its instant is far. */
  void postpone(Entry entry) {
    postponed++;
    postponedUntil = Math.min(postponedUntil, entry.dueMillis);
  }

  /** Whether it is time to read on; if so, from {@link #readThrough}. */
  boolean wantsToRead(long nowMillis, int active) {
    if (reading) {
      return false;
    }
    if (postponed > 0 && postponedUntil <= nowMillis) {
      readAll();
    }
    return unread > 0 && active < settings.lowWater();
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
    if (endedMeanwhile.contains(entry.id)) {
      return false;
    }
    Map.Entry<Long, Integer> range = reserved.floorEntry(entry.id);
    return range == null || entry.id >= range.getKey() + range.getValue();
  }

  void endReading(List<Entry> page, int news, boolean last) {
    reading = false;
    endedMeanwhile.clear();
    if (passed && (last || readThrough == 0)) {
      passed = false;
      readThrough = 0;
      unread = Math.max(1, unread - news);
      return;
    }
    if (last) {
      unread = 0;
      readThrough = ALL;
      Arrays.fill(spilled, false);
      return;
    }
    readThrough = page.getLast().id;
    unread = Math.max(1, unread - news);
  }

  void ended(long id) {
    if (reading) {
      endedMeanwhile.add(id);
    }
  }

  /** Unfinished tasks that are not in memory, with those that are being accepted. */
  long outside() {
    return unread + postponed + reservedCount;
  }

  /** Unfinished tasks that are committed and not in memory. */
  long stored() {
    return unread + postponed;
  }

  /** Those of {@link #stored} that are not known to wait for an instant. */
  long unread() {
    return unread;
  }

  /** No acceptance up to this id is under way or to come. */
  long settledThrough() {
    return (reserved.isEmpty() ? nextId : reserved.firstKey()) - 1;
  }
}
