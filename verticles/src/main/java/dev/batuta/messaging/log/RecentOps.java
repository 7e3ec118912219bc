package dev.batuta.messaging.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest ops of a log, whose positions follow each other, for readers that are not far behind.
 * A ring: a place is found by its position. Safe for use by any thread.
 */
final class RecentOps {
  private static final int CAPACITY = 4_096;

  private final OpLog.@Nullable Entry[] ring = new OpLog.@Nullable Entry[CAPACITY];

  /** Position of the oldest that is kept, and behind the newest; equal while there is none. */
  private long first;

  private long end;

  /** Adds ops in their order; after a gap, what was before it is forgotten. */
  synchronized void add(List<OpLog.Entry> entries) {
    for (OpLog.Entry entry : entries) {
      if (entry.position() != end) {
        first = entry.position();
      }
      ring[place(entry.position())] = entry;
      end = entry.position() + 1;
      first = Math.max(first, end - CAPACITY);
    }
  }

  /**
   * Ops after a position, in their order.
   *
   * @return at least one, at most so many; null when there is none here
   */
  synchronized @Nullable List<OpLog.Entry> after(long position, int most) {
    if (position + 1 < first || position + 1 >= end) {
      return null;
    }
    List<OpLog.Entry> found = new ArrayList<>();
    for (long next = position + 1; next < end && found.size() < most; next++) {
      OpLog.Entry entry = ring[place(next)];
      if (entry != null) {
        found.add(entry);
      }
    }
    return found;
  }

  private static int place(long position) {
    return Math.floorMod(position, CAPACITY);
  }
}
