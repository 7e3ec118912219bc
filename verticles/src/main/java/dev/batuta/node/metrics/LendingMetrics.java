package dev.batuta.node.metrics;

import dev.batuta.lending.LendingVerticle;

/** Workers that go from one master to another. */
public final class LendingMetrics implements Family {
  private final LendingVerticle lending;

  public LendingMetrics(LendingVerticle lending) {
    this.lending = lending;
  }

  @Override
  public void read(Samples samples) {
    samples.counters(
        "lending_events",
        "What happened in lending, as it is told to all.",
        "event",
        lending.told().sums());
    samples.gauge("workers_lent", "Own workers that other servers have.").add(lending.lent());
  }
}
