package dev.batuta.messaging;

import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.VersionVector;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far the ops of each origin are on the disks of a majority. What fewer have can still be lost,
 * and its author then says it again by another op: nobody is shown it (the high watermark of
 * Kafka's replicas, here one for each origin). It only rises. Safe on any thread.
 */
final class HighWatermark {
  private final boolean shownAtOnce;
  private final Map<Origin, Long> sequences = new ConcurrentHashMap<>();
  private volatile VersionVector atStart = new VersionVector();

  /**
   * @param shownAtOnce whether whatever is on this server's disk counts
   */
  HighWatermark(boolean shownAtOnce) {
    this.shownAtOnce = shownAtOnce;
  }

  /** What was on the disk when this server started is nothing new, whoever else has it. */
  void startWith(VersionVector held) {
    atStart = held;
  }

  boolean covers(Origin origin, long sequence) {
    return shownAtOnce || of(origin) >= sequence;
  }

  /**
   * Rises.
   *
   * @return where it stood
   */
  long rise(Origin origin, long sequence) {
    long before = of(origin);
    sequences.merge(origin, sequence, Math::max);
    return before;
  }

  /** How much of what this server has was shown, to those who were there. */
  VersionVector within(VersionVector held) {
    VersionVector shown = held.copy();
    if (!shownAtOnce) {
      VersionVector old = atStart;
      held.entries()
          .forEach(
              (origin, last) ->
                  shown.put(origin, Math.min(last, Math.max(of(origin), old.of(origin)))));
    }
    return shown;
  }

  private long of(Origin origin) {
    return sequences.getOrDefault(origin, 0L);
  }
}
