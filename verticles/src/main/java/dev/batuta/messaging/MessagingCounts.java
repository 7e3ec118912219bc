package dev.batuta.messaging;

import dev.batuta.metrics.Durations;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a server did with ops since it started. Safe on any thread. */
public final class MessagingCounts {
  private final LongAdder made = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final Durations confirmations = new Durations();
  private final LongAdder unconfirmed = new LongAdder();
  private final LongAdder compared = new LongAdder();
  private final LongAdder notCompared = new LongAdder();
  private final LongAdder moved = new LongAdder();
  private volatile int waiting;
  private volatile Map<String, Long> lags = Map.of();

  void apply(int ownOps, int othersOps) {
    made.add(ownOps);
    received.add(othersOps);
  }

  void confirm(long afterNanos) {
    confirmations.addNanos(afterNanos);
  }

  void giveUp() {
    unconfirmed.increment();
  }

  void compare(int movedOps) {
    compared.increment();
    moved.add(movedOps);
  }

  void breakOff() {
    notCompared.increment();
  }

  void look(int waitingNow, Map<String, Long> lagsNow) {
    waiting = waitingNow;
    lags = Map.copyOf(lagsNow);
  }

  /** Ops that this server made. */
  public long made() {
    return made.sum();
  }

  /** Ops of others that this server applied. */
  public long received() {
    return received.sum();
  }

  /** From an op being on this disk until enough servers had it. */
  public Durations confirmations() {
    return confirmations;
  }

  /** Ops that too few servers confirmed in time: whoever sent them was told that nobody knows. */
  public long unconfirmed() {
    return unconfirmed.sum();
  }

  /** Comparisons with other servers that this one began, and that ended with equal copies. */
  public long compared() {
    return compared.sum();
  }

  /** Comparisons that broke off. */
  public long notCompared() {
    return notCompared.sum();
  }

  /** Ops that comparisons moved, either way: what direct mail had not brought. */
  public long moved() {
    return moved.sum();
  }

  /** Ops that wait for other servers, as of a moment ago. */
  public int waiting() {
    return waiting;
  }

  /** See {@link dev.batuta.messaging.replica.AntiEntropy#lags}, as of a moment ago. */
  public Map<String, Long> lags() {
    return lags;
  }
}
