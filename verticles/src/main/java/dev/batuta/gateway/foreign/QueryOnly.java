package dev.batuta.gateway.foreign;

import java.util.LinkedHashMap;

/**
 * Ids of workers that asked again after an UPDATE without reporting, and so seem to know only
 * QUERY. Kept for hours, also when the worker is forgotten, as some ask once in a while only: it
 * would be given an UPDATE in vain each time.
 *
 * <p>Bounded: those are kept that were noted last. Belongs to one thread.
 */
final class QueryOnly {
  static final long KEPT_MILLIS = 6 * 3_600_000L;
  private static final int MAX = 10_000;

  private final LinkedHashMap<String, Long> notedAt = new LinkedHashMap<>();

  void note(String worker, long now) {
    notedAt.remove(worker);
    notedAt.put(worker, now);
    if (notedAt.size() > MAX) {
      notedAt.pollFirstEntry();
    }
  }

  boolean contains(String worker, long now) {
    Long at = notedAt.get(worker);
    return at != null && now - at < KEPT_MILLIS;
  }
}
