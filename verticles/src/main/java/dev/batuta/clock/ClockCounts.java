package dev.batuta.clock;

import dev.batuta.clock.Berkeley.Adjustment;
import java.util.concurrent.atomic.LongAdder;

/** The Berkeley rounds that one server held as coordinator since it started. Safe on any thread. */
public final class ClockCounts {
  private final LongAdder rounds = new LongAdder();
  private final LongAdder counted = new LongAdder();
  private final LongAdder leftOut = new LongAdder();

  void held(Rounds.Effect.Held held) {
    rounds.increment();
    for (Adjustment adjustment : held.adjustments()) {
      (adjustment.counted() ? counted : leftOut).increment();
    }
  }

  public long rounds() {
    return rounds.sum();
  }

  /** Clocks that were averaged, all rounds together. */
  public long counted() {
    return counted.sum();
  }

  /**
   * Clocks that were not, because they were too far from the others or answered too late, all
   * rounds together.
   */
  public long leftOut() {
    return leftOut.sum();
  }
}
