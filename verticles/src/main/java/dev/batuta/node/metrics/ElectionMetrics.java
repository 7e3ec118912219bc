package dev.batuta.node.metrics;

import dev.batuta.election.ElectionVerticle;

/** The part of one server in elections. */
public final class ElectionMetrics implements Family {
  private final ElectionVerticle election;

  public ElectionMetrics(ElectionVerticle election) {
    this.election = election;
  }

  @Override
  public void read(Samples samples) {
    boolean mayAct = election.mayAct().isPresent();
    samples.truth(
        "coordinator", "1 on the server that may act as coordinator, under an epoch.", mayAct);
    samples.truth(
        "coordinator_without_database",
        "1 on a server that coordinates clocks and sync only, because it has no epoch.",
        !mayAct && election.coordinates());
    samples.counters(
        "election_events",
        "What this server did in elections, by the words of its log.",
        "event",
        election.counts().events());
    samples.counters(
        "epoch_claims",
        "Claims of an epoch in the database.",
        "outcome",
        election.counts().claims().sums());
  }
}
