package dev.batuta.clock;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts clients' requests on a node since the last Berkeley round, because a round is due after so
 * many. Safe for use by any thread.
 */
public final class RequestCounter {
  private final AtomicLong count = new AtomicLong();

  /** A client's request was processed. */
  public void count() {
    count.incrementAndGet();
  }

  /** Requests since the last round. */
  public long value() {
    return count.get();
  }

  /** A round was held. */
  void roundHeld() {
    count.set(0);
  }
}
