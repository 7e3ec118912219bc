package dev.batuta.node.metrics;

import dev.batuta.ledger.LedgerCounts;

/** What a node, which may be but a worker, had the ledger do. */
public final class LedgerMetrics implements Family {
  private final LedgerCounts counts;

  public LedgerMetrics(LedgerCounts counts) {
    this.counts = counts;
  }

  @Override
  public void read(Samples samples) {
    samples
        .histogram("ledger_batch_seconds", "Transactions of the ledger, each for a batch of tasks.")
        .add(counts.batches());
    samples.counters(
        "ledger_batches",
        "Batches that were done, that went again task by task, or that failed.",
        "outcome",
        counts.outcomes().sums());
    samples.counter("ledger_tasks", "Tasks in the batches that were done.").add(counts.tasks());
  }
}
