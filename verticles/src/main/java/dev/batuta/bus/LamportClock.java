package dev.batuta.bus;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A node's logical clock (Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed
 * System", rules IR1 and IR2): one tick for each send, and later than every message received.
 *
 * <p>Safe for use by any thread. One clock belongs to one node.
 */
public final class LamportClock {
  private final AtomicLong value = new AtomicLong();

  /** The value of the latest event; 0 before the first. */
  public long value() {
    return value.get();
  }

  /** IR1: increments before a send. The result is the time stamp of that send, above 0. */
  public long beforeSend() {
    return value.incrementAndGet();
  }

  /** IR2: {@code max(local, received) + 1}. The result is the time of the receive event. */
  public long onReceive(long received) {
    return value.updateAndGet(local -> Math.max(local, received) + 1);
  }
}
