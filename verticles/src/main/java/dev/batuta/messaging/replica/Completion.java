package dev.batuta.messaging.replica;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * When a server counts again whose disk is new or was set back: once it has fetched what a majority
 * of the configured servers held, itself left out and only such as are complete themselves. What is
 * acknowledged is on the complete copies of a majority but for those that have failed meanwhile, so
 * that one of these had it. A copy that is not complete says nothing: two of them, each fetched by
 * the other, would make each other complete.
 *
 * <p>Where too few are complete for that, as in a new cluster and after the loss of a majority, all
 * others have to be fetched, and then again, and none may have changed between: then there was a
 * moment at which no complete copy had what is not here. Pure; one thread.
 */
final class Completion {
  private final List<String> others;
  private final int enough;
  private final Set<String> complete = new HashSet<>();
  private Map<String, Source> before = Map.of();
  private Map<String, Source> fetched = new HashMap<>();
  private int round;
  private boolean isAgreed;

  /**
   * A copy that something is fetched from, as it said of itself.
   *
   * @param life of the server that it is on
   * @param round in which it was asked
   */
  record Source(String server, long life, boolean complete, int round) {}

  Completion(ReplicationSettings settings) {
    this.others = settings.others();
    this.enough = settings.completeAfter();
  }

  /** In which what is asked for now is asked for. */
  int round() {
    return round;
  }

  /** Everything is here that a copy held when it was asked. */
  void fetched(Source source) {
    if (source.complete()) {
      complete.add(source.server());
    }
    if (source.round() == round) {
      fetched.put(source.server(), source);
    }
    if (fetched.keySet().containsAll(others)) {
      isAgreed = isAgreed || same(before, fetched);
      before = fetched;
      fetched = new HashMap<>();
      round++;
    }
  }

  private static boolean same(Map<String, Source> one, Map<String, Source> other) {
    return one.keySet().equals(other.keySet())
        && one.values().stream()
            .allMatch(
                source -> {
                  Source now = other.getOrDefault(source.server(), source);
                  return source.life() == now.life() && source.complete() == now.complete();
                });
  }

  /** Whether this server may count. */
  boolean isReached() {
    return isAgreed || complete.size() >= enough;
  }

  /** Whom to fetch from: those who were not yet in this round, or may have become complete. */
  Set<String> wanted() {
    return others.stream()
        .filter(other -> !fetched.containsKey(other) || !complete.contains(other))
        .collect(Collectors.toSet());
  }
}
