package dev.batuta.messaging.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest ops of a log, whose positions follow each other, for readers that are not far behind.
 * A ring: a place is found by its position. Safe for use by any thread.
 */
final class RecentOps {
  private static final int CAPACITY = 16_384;

  static final long MOST_BYTES = 16L << 20;

  /** About how much an op takes besides its content, which is there as bytes and as texts. */
  private static final long BESIDES = 300;

  private final OpLog.@Nullable Entry[] ring = new OpLog.@Nullable Entry[CAPACITY];

  /** Position of the oldest that is kept, and behind the newest; equal while there is none. */
  private long first;

  private long end;
  private long bytes;

  /** Adds ops in their order; after a gap, what was before it is forgotten. */
  synchronized void add(List<OpLog.Entry> entries) {
    for (OpLog.Entry entry : entries) {
      if (entry.position() != end) {
        forget(end - first);
        first = entry.position();
        end = first;
      }
      forget(end - first == CAPACITY ? 1 : 0);
      ring[place(end)] = entry;
      bytes += bytes(entry);
      end++;
      while (bytes > MOST_BYTES) {
        forget(1);
      }
    }
  }

  private void forget(long oldest) {
    for (long i = 0; i < oldest; i++) {
      OpLog.Entry entry = ring[place(first)];
      bytes -= entry == null ? 0 : bytes(entry);
      ring[place(first)] = null;
      first++;
    }
  }

  private static long bytes(OpLog.Entry entry) {
    return BESIDES + 2L * entry.op().content().length();
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
