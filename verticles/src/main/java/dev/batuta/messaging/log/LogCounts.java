package dev.batuta.messaging.log;

import dev.batuta.metrics.Durations;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What writing a server's message log has cost since the server started. Safe on any thread. */
public final class LogCounts {
  private final Durations flushes = new Durations();
  private final LongAdder failures = new LongAdder();
  private final AtomicLong waitingBytes = new AtomicLong();

  /** More waits, or less; returns how much then does. */
  long waits(int bytes) {
    return waitingBytes.addAndGet(bytes);
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

  /**
   * Times that the log took nothing more, because a transaction failed or the file is damaged, and
   * that it was tried in vain whether it does again.
   */
  public long failures() {
    return failures.sum();
  }

  /** What waits to be written now. */
  public long waitingBytes() {
    return waitingBytes.get();
  }
}
