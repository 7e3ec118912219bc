package dev.batuta.election;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A cold start elects once (SPEC 5): servers come up one by one, and one that led because it was
 * first would hand over to each better one that comes after it. So before the first coordinator of
 * its life a server leaves the baton to those that rank better: to one that is only configured for
 * {@code settle}, to one in sight, which is sure to come but may still be starting, {@link
 * #STARTING} times as long. The best one waits for nobody.
 *
 * @param awaited the other configured servers, with their ranks. One that has no rank yet gets the
 *     next, so it comes after all that have one: {@link #LATER}
 * @param absentUntil until when those out of sight are waited for, monotonic, in milliseconds
 * @param startingUntil the same of those in sight
 * @param connectingUntil until when it waits for its own connection to the database, which was
 *     there when it got its rank, before it takes itself for a server without one
 */
record ColdStart(
    Map<String, Integer> awaited, long absentUntil, long startingUntil, long connectingUntil) {
  private static final int LATER = Integer.MAX_VALUE;
  private static final int STARTING = 3;

  ColdStart {
    awaited = Map.copyOf(awaited);
  }

  static ColdStart of(Candidacy candidacy, long now) {
    Times times = candidacy.times();
    Map<String, Integer> others = new HashMap<>();
    candidacy.configured().stream()
        .filter(name -> !name.equals(candidacy.self().name()))
        .forEach(name -> others.put(name, candidacy.ranks().getOrDefault(name, LATER)));
    return new ColdStart(
        others, now + times.settle(), now + STARTING * times.settle(), now + times.young());
  }

  /** One that was there and is gone is not waited for. */
  ColdStart without(String server) {
    Map<String, Integer> others = new HashMap<>(awaited);
    others.remove(server);
    return new ColdStart(others, absentUntil, startingUntil, connectingUntil);
  }

  /**
   * Whether the baton is to be left to a better one, or to this server itself once its own
   * connection to the database is warm.
   */
  boolean holdsBack(Peer self, Policy policy, List<Peer> inSight, long now) {
    if (!self.database()) {
      return now < connectingUntil;
    }
    Stream<Peer> waitedFor =
        Stream.concat(
            now < startingUntil ? inSight.stream() : Stream.empty(),
            now < absentUntil ? missing(inSight) : Stream.empty());
    return waitedFor.anyMatch(other -> policy.better(other, self));
  }

  private Stream<Peer> missing(List<Peer> inSight) {
    return awaited.entrySet().stream()
        .filter(each -> inSight.stream().noneMatch(peer -> peer.name().equals(each.getKey())))
        .map(each -> new Peer(each.getKey(), each.getValue(), true, false));
  }
}
