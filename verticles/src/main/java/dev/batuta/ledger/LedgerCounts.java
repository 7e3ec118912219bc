package dev.batuta.ledger;

import dev.batuta.metrics.ByConstant;
import dev.batuta.metrics.Durations;
import java.util.concurrent.atomic.LongAdder;

/** What this process had the database do with accounts since it started. Safe on any thread. */
public final class LedgerCounts {
  private final Durations batches = new Durations();
  private final ByConstant<Outcome> outcomes = new ByConstant<>(Outcome.class);
  private final LongAdder tasks = new LongAdder();

  /** What came of a batch, which is one transaction. */
  public enum Outcome {
    /** All of it is done. */
    DONE,
    /**
     * It is not as simple as it looked, nothing was done, and it goes again as a batch that looks
     * at each task.
     */
    AGAIN,
    /** It failed, or nobody knows: it is repeated by who had asked for it. */
    FAILED
  }

  void count(Outcome outcome, int tasksInIt, long tookNanos) {
    batches.addNanos(tookNanos);
    outcomes.count(outcome);
    if (outcome == Outcome.DONE) {
      tasks.add(tasksInIt);
    }
  }

  /** How long the batches took, whatever came of them. */
  public Durations batches() {
    return batches;
  }

  public ByConstant<Outcome> outcomes() {
    return outcomes;
  }

  /** Tasks in the batches that are done. */
  public long tasks() {
    return tasks.sum();
  }
}
