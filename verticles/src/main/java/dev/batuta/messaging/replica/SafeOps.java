package dev.batuta.messaging.replica;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * How far a majority has each origin's ops, and what of this server's copy lacks one: subscribers
 * wait for that, whoever made it and whether or not that one still runs. Pure; one thread.
 */
final class SafeOps {
  /** Up to where a majority had an origin's ops when something was lacking, and since when. */
  private record Since(long safe, long nanos) {}

  private final Map<Origin, Long> safe = new HashMap<>();
  private final Map<Origin, Since> lacking = new HashMap<>();

  /**
   * A majority has an origin's ops up to this.
   *
   * @param folds what these name, a majority had
   * @return whether that is news
   */
  boolean rise(Origin origin, long sequence, Folds folds) {
    if (folds.covers(origin, sequence) || of(origin) >= sequence) {
      return false;
    }
    safe.put(origin, sequence);
    return true;
  }

  private long of(Origin origin) {
    return safe.getOrDefault(origin, 0L);
  }

  /** The origins of which something lacked a majority at the last look. */
  Set<Origin> lacking() {
    return Set.copyOf(lacking.keySet());
  }

  /**
   * Looks at what is here; to be called a few times a second.
   *
   * @param lacks which servers lack an origin's ops up to a sequence
   * @return those that lack something of an origin of which nothing became safe since an instant
   */
  Set<String> look(
      VersionVector held,
      long nowNanos,
      long sinceNanos,
      BiFunction<Origin, Long, Set<String>> lacks) {
    Set<String> servers = new HashSet<>();
    safe.entrySet().removeIf(named -> held.folds().covers(named.getKey(), named.getValue()));
    lacking.keySet().retainAll(held.recent().keySet());
    held.recent()
        .forEach(
            (origin, last) -> {
              // What folds name is not kept here.
              long reached = Math.max(of(origin), held.folds().floor(origin, Integer.MAX_VALUE));
              if (reached >= last) {
                lacking.remove(origin);
                return;
              }
              Since since = lacking.get(origin);
              if (since == null || since.safe() != reached) {
                since = new Since(reached, nowNanos);
                lacking.put(origin, since);
              }
              if (since.nanos() - sinceNanos < 0) {
                servers.addAll(lacks.apply(origin, reached + 1));
              }
            });
    return servers;
  }
}
