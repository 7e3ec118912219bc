package dev.batuta.bus;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Takes in the Lamport clocks that clients say, so that none can run the cluster's clock away: a
 * clock counts only if it is from 0 to 2^53 - 1 and not more than {@value #MAX_LEAD} ahead, and all
 * of them together advance the node's by at most {@value #MAX_LEAD} in any second. Any other is
 * ignored and counted.
 *
 * <p>Safe for use by any thread; made once for a node, whatever doors it has.
 */
public final class OutsideClock {
  /** The most that one clock may be ahead, and that all advance in a second. */
  public static final long MAX_LEAD = 1_000_000;

  /** The largest integer that every client's numbers can hold. */
  public static final long MAX_CLOCK = (1L << 53) - 1;

  /** A second has this many slots; one more is kept, as the second begins within a slot. */
  private static final int SLOTS = 20;

  private static final long SLOT_NANOS = 1_000_000_000L / SLOTS;

  private final LamportClock clock;
  private final LongSupplier nanos;
  private final LongAdder ignored = new LongAdder();
  private final long[] advances = new long[SLOTS + 1];
  private long slot;

  public OutsideClock(LamportClock clock) {
    this(clock, System::nanoTime);
  }

  /**
   * @param nanos monotonic
   */
  OutsideClock(LamportClock clock, LongSupplier nanos) {
    this.clock = clock;
    this.nanos = nanos;
    this.slot = Math.floorDiv(nanos.getAsLong(), SLOT_NANOS);
  }

  /**
   * A client's message was received, by the client's clock; the receipt is an event of this node in
   * any case.
   *
   * @return whether the clock counted
   */
  public boolean received(long said) {
    boolean counts = said >= 0 && said <= MAX_CLOCK && isAffordable(said - clock.value());
    if (!counts) {
      ignored.increment();
    }
    clock.onReceive(counts ? said : 0);
    return counts;
  }

  /** A client's message was received that has no clock, or one that is no number. */
  public void received() {
    clock.onReceive(0);
  }

  /** How many clocks were ignored. */
  public long ignored() {
    return ignored.sum();
  }

  private synchronized boolean isAffordable(long advance) {
    if (advance <= 0) {
      return true;
    }
    turnTo(Math.floorDiv(nanos.getAsLong(), SLOT_NANOS));
    long spent = 0;
    for (long each : advances) {
      spent += each;
    }
    if (advance > MAX_LEAD - spent) {
      return false;
    }
    advances[Math.floorMod(slot, advances.length)] += advance;
    return true;
  }

  private void turnTo(long now) {
    if (now - slot > SLOTS) {
      Arrays.fill(advances, 0);
      slot = now;
    }
    while (slot < now) {
      slot++;
      advances[Math.floorMod(slot, advances.length)] = 0;
    }
  }
}
