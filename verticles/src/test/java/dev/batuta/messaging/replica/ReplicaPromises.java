package dev.batuta.messaging.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.messaging.replica.ReplicaWorld.Server;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What replicas promise: what is shown or acknowledged is on a majority's disks at that moment,
 * none of it is lost, who follows it gets each once wherever it goes on, and what is told of
 * origins does not grow with how many there were.
 */
final class ReplicaPromises {
  private final List<Server> servers;
  private final Follower follower;
  private final List<OpId> acknowledged = new ArrayList<>();
  private int setBack;

  ReplicaPromises(List<Server> servers, Follower follower) {
    this.servers = servers;
    this.follower = follower;
  }

  /** Those who have what is nearest to being lost, of what was acknowledged lately. */
  List<Server> holdersOfRarest() {
    return acknowledged.stream()
        .skip(Math.max(0, acknowledged.size() - 10))
        .map(this::holders)
        .min(Comparator.comparingInt(List::size))
        .orElse(servers);
  }

  private List<Server> holders(OpId op) {
    return servers.stream()
        .filter(server -> server.log.vector().covers(op.origin(), op.sequence()))
        .toList();
  }

  /** A server keeps whether it counts. */
  void marked(boolean complete) {
    setBack += complete ? 0 : 1;
  }

  void assertNobodyWasTakenForSetBack() {
    assertThat(setBack).isZero();
  }

  void assertNothingLost() {
    acknowledged.forEach(this::assertNotLost);
  }

  private void assertNotLost(OpId op) {
    assertThat(holders(op)).as("%s was acknowledged", op).isNotEmpty();
  }

  /** Where a disk is gone, it may be that it had it when it said so. */
  void assertOnMajority(String shownBy, Origin origin, long sequence) {
    long holders =
        servers.stream()
            .filter(
                server ->
                    server.name.equals(shownBy)
                        || !server.log.complete()
                        || server.log.vector().covers(origin, sequence))
            .count();
    assertThat(holders)
        .as("%s counts %s %d as safe", shownBy, origin, sequence)
        .isGreaterThan(servers.size() / 2);
  }

  void assertEqualAndShown() {
    VersionVector all = servers.getFirst().log.vector();
    for (Server server : servers) {
      assertThat(server.log.vector()).as(server.name).isEqualTo(all);
      all.entries()
          .forEach(
              (origin, last) ->
                  assertThat(server.marks.covers(origin, last))
                      .as("%s shows %s %d", server.name, origin, last)
                      .isTrue());
      assertThat(server.log.complete()).as("%s counts", server.name).isTrue();
    }
    assertNothingLost();
  }

  /** Wherever the subscriber resumes, it has had each op once in the end, and no other. */
  void assertFollowedAnywhere() {
    for (Server server : servers) {
      assertThat(follower.resumed(server.log)).as("resumes at %s", server.name).isTrue();
    }
    servers.forEach(server -> follower.follow(server.log, server.marks));
    assertThat(follower.got())
        .containsExactlyInAnyOrderElementsOf(
            servers.getFirst().log.ops.stream().map(Op::id).toList());
  }

  /** Beyond folds there are the origins that run, and those that have ended since the last one. */
  void assertShort() {
    for (Server server : servers) {
      assertThat(server.log.vector().recent()).hasSizeLessThanOrEqualTo(most());
    }
    assertThat(follower.token()).hasSizeLessThan(1_024);
  }

  /** Servers tell each other no more, but for the last folds, of which they have not heard yet. */
  void assertShortlyTold() {
    for (Server server : servers) {
      assertThat(server.told).isLessThanOrEqualTo(most() + 2 * Folding.ENOUGH);
    }
  }

  private int most() {
    return servers.size() + Folding.ENOUGH;
  }

  /** What a majority was said to have. */
  List<OpId> acknowledged() {
    return acknowledged;
  }
}
