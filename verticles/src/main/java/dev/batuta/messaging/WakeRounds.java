package dev.batuta.messaging;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * When the subscribers of a feed are woken: at once, but the more of them there are, the longer
 * after the round before, so that each gets several messages for the price of one, and the rounds
 * take about half of a processor at the most. Safe on any thread.
 */
final class WakeRounds {
  /** About twice what one more chunk to one more stream costs. */
  private static final long GAP_OF_ONE_NANOS = 50_000;

  /** So much later a message comes for this at the most, whatever the number. */
  private static final long LONGEST_GAP_NANOS = Duration.ofMillis(100).toNanos();

  /** What a timer cannot tell from nothing. */
  private static final long SHORTEST_GAP_NANOS = Duration.ofMillis(1).toNanos();

  private final IntSupplier subscribers;
  private final LongSupplier nanos;
  private final BiConsumer<Duration, Runnable> later;
  private final Runnable round;
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile long lastNanos;

  /**
   * @param subscribers how many there are now
   * @param later runs something once, after a time
   * @param round wakes all of them
   */
  WakeRounds(
      IntSupplier subscribers,
      LongSupplier nanos,
      BiConsumer<Duration, Runnable> later,
      Runnable round) {
    this.subscribers = subscribers;
    this.nanos = nanos;
    this.later = later;
    this.round = round;
    this.lastNanos = nanos.getAsLong() - LONGEST_GAP_NANOS;
  }

  /** There is something new: a round begins after this call, if not within it. */
  void wake() {
    if (!due.compareAndSet(false, true)) {
      return;
    }
    long gap = Math.min(subscribers.getAsInt() * GAP_OF_ONE_NANOS, LONGEST_GAP_NANOS);
    long left = gap - (nanos.getAsLong() - lastNanos);
    if (left < SHORTEST_GAP_NANOS) {
      begin();
    } else {
      later.accept(Duration.ofNanos(left), this::begin);
    }
  }

  private void begin() {
    lastNanos = nanos.getAsLong();
    // Before anybody looks: what comes while they do wakes them again.
    due.set(false);
    round.run();
  }
}
