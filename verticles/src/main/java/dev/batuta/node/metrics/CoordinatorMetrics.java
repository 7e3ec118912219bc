package dev.batuta.node.metrics;

import dev.batuta.election.CoordinatorWatch;

/** Who coordinates, as one node knows it. */
public final class CoordinatorMetrics implements Family {
  private final CoordinatorWatch coordinator;

  public CoordinatorMetrics(CoordinatorWatch coordinator) {
    this.coordinator = coordinator;
  }

  @Override
  public void read(Samples samples) {
    samples.gauge("epoch", "The last epoch that was announced.").add(coordinator.view().epoch());
    samples.counters(
        "coordinator_changes",
        "How often a coordinator was announced or lost, and why.",
        "reason",
        coordinator.changes().sums());
    samples
        .counter("leaderless_seconds", "How long this node has known no coordinator.")
        .add(coordinator.leaderless().toNanos() / 1e9);
  }
}
