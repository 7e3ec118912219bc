package dev.batuta.messaging.log;

import dev.batuta.metrics.Durations;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What writing a message log has cost since it was opened. Safe on any thread. */
public final class LogCounts {
  private final Durations flushes = new Durations();
  private final LongAdder failures = new LongAdder();
  private final LongSupplier waitingBytes;

  LogCounts(LongSupplier waitingBytes) {
    this.waitingBytes = waitingBytes;
  }

  void flushed(long tookNanos) {
    flushes.addNanos(tookNanos);
  }

  void failed() {
    failures.increment();
  }

  /** The end of each transaction, when it is brought to the disk; many ops may be in one. */
  public Durations flushes() {
    return flushes;
  }

  /** Transactions that the disk did not take: none of what was in them is kept. */
  public long failures() {
    return failures.sum();
  }

  /** What waits to be written now. */
  public long waitingBytes() {
    return waitingBytes.getAsLong();
  }
}
