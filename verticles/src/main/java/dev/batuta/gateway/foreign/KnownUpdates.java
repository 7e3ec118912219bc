package dev.batuta.gateway.foreign;

import java.util.LinkedHashMap;

/**
 * What workers have shown of {@link Updates}, by their ids. Kept for hours, also when the worker is
 * forgotten, as some ask once in a while only: one that knows only QUERY would be given an UPDATE
 * in vain each time.
 *
 * <p>Bounded: those are kept that were noted last. Belongs to one thread.
 */
final class KnownUpdates {
  static final long KEPT_MILLIS = 6 * 3_600_000L;
  private static final int MAX = 10_000;

  private record Noted(Updates shown, long at) {}

  private final LinkedHashMap<String, Noted> noted = new LinkedHashMap<>();

  void note(String worker, Updates shown, long now) {
    noted.remove(worker);
    noted.put(worker, new Noted(shown, now));
    if (noted.size() > MAX) {
      noted.pollFirstEntry();
    }
  }

  Updates of(String worker, long now) {
    Noted last = noted.get(worker);
    return last != null && now - last.at() < KEPT_MILLIS ? last.shown() : Updates.UNTRIED;
  }
}
