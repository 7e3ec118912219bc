package dev.batuta.orchestrator;

import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.NodeState;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where tasks go of a server whose workers are all away: to one whose workers are there, so that
 * they do not wait for as long as that lasts. By what the heartbeats of the servers say.
 */
public final class Placement {
  private static final Comparator<Member> LEAST_LOADED =
      (one, other) -> Long.compare(load(one) * workers(other), load(other) * workers(one));

  private Placement() {}

  /**
   * Another server that is to accept what was submitted here: only when none of the workers here
   * takes it.
   *
   * @param live servers by rank
   * @param takes whether a server, by its name, has workers for it that heartbeats do not count, as
   *     they take only some kind of their own
   * @return empty when this server is as good as any other
   */
  public static Optional<String> submission(
      String here, List<Member> live, Predicate<String> takes) {
    boolean taken = live.stream().anyMatch(each -> each.name().equals(here) && workers(each) > 0);
    return taken || takes.test(here)
        ? Optional.empty()
        : relief(here, live).or(() -> best(here, live, each -> takes.test(each.name())));
  }

  /**
   * The server that is to have the tasks of this one: with the least to do for each worker, of
   * those that have workers, are not about to stop, and reach the database.
   *
   * @param live servers by rank
   */
  public static Optional<String> relief(String here, List<Member> live) {
    return best(here, live, each -> workers(each) > 0);
  }

  private static Optional<String> best(
      String here, List<Member> live, Predicate<Member> hasWorkers) {
    return live.stream()
        .filter(each -> !each.name().equals(here) && hasWorkers.test(each))
        .filter(each -> each.last().state() == NodeState.READY && each.last().database())
        .min(LEAST_LOADED)
        .map(Member::name);
  }

  private static long workers(Member server) {
    return server.last().workers();
  }

  private static long load(Member server) {
    return (long) server.last().queued() + server.last().running();
  }
}
