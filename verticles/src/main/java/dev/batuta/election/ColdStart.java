package dev.batuta.election;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A cold start elects once (SPEC 5): servers come up one by one, and one that led because it was
 * first would hand over to each better one that comes after it. So before the first coordinator of
 * its life a server leaves the baton to those that rank better, whether in sight or only
 * configured, for at most {@code settle}. The best one waits for nobody.
 *
 * @param awaited the other configured servers, with their ranks. One that has no rank yet gets the
 *     next, so it comes after all that have one: {@link #LATER}
 * @param until when no better one is waited for any more, monotonic, in milliseconds
 * @param connected until when it waits for its own connection to the database, which was there when
 *     it got its rank, before it takes itself for a server without one
 */
record ColdStart(Map<String, Integer> awaited, long until, long connected) {
  private static final int LATER = Integer.MAX_VALUE;

  ColdStart {
    awaited = Map.copyOf(awaited);
  }

  static ColdStart of(Candidacy candidacy, long until, long connected) {
    Map<String, Integer> others = new HashMap<>();
    candidacy.configured().stream()
        .filter(name -> !name.equals(candidacy.self().name()))
        .forEach(name -> others.put(name, candidacy.ranks().getOrDefault(name, LATER)));
    return new ColdStart(others, until, connected);
  }

  /** One that was there and is gone is not waited for. */
  ColdStart without(String server) {
    Map<String, Integer> others = new HashMap<>(awaited);
    others.remove(server);
    return new ColdStart(others, until, connected);
  }

  /**
   * Whether the baton is to be left to a better one, or to this server itself once its own
   * connection to the database is warm.
   */
  boolean holdsBack(Peer self, Policy policy, List<Peer> inSight, long now) {
    if (!self.database()) {
      return now < connected;
    }
    return now < until
        && Stream.concat(inSight.stream(), missing(inSight))
            .anyMatch(other -> policy.better(other, self));
  }

  private Stream<Peer> missing(List<Peer> inSight) {
    return awaited.entrySet().stream()
        .filter(each -> inSight.stream().noneMatch(peer -> peer.name().equals(each.getKey())))
        .map(each -> new Peer(each.getKey(), each.getValue(), true, false));
  }
}
