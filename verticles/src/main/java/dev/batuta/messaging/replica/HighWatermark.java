package dev.batuta.messaging.replica;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far the ops of each origin are on the disks of a majority. What fewer have can still be lost,
 * and its author then says it again by another op: nobody is shown it (the high watermark of
 * Kafka's replicas, here one for each origin). What a fold that counts names is remembered by it,
 * and forgotten here. Safe on any thread.
 */
public final class HighWatermark {
  private final boolean shownAtOnce;
  private final Map<Origin, Long> sequences = new ConcurrentHashMap<>();
  private volatile VersionVector atStart = new VersionVector();

  /** Up to which level folds are themselves on the disks of a majority. */
  private int level; // guarded by this

  /**
   * @param shownAtOnce whether whatever is on this server's disk counts
   */
  public HighWatermark(boolean shownAtOnce) {
    this.shownAtOnce = shownAtOnce;
  }

  /** What was on the disk when this server started is nothing new, whoever else has it. */
  public synchronized void startWith(VersionVector held) {
    atStart = held;
    level = 0;
  }

  public boolean covers(Origin origin, long sequence) {
    return shownAtOnce || of(origin) >= sequence || folds().covers(origin, sequence);
  }

  /**
   * Rises.
   *
   * @return where it stood
   */
  public long rise(Origin origin, long sequence) {
    long before = of(origin);
    sequences.merge(origin, sequence, Math::max);
    return before;
  }

  /** How much of what this server has was shown, to those who were there. */
  public VersionVector within(VersionVector held) {
    VersionVector shown = held.unfolded(level(held));
    if (!shownAtOnce) {
      Map.copyOf(shown.recent())
          .forEach((origin, last) -> shown.put(origin, Math.min(last, shown(origin))));
    }
    return shown;
  }

  /** How many ops of a copy nobody is shown yet. */
  public long above(VersionVector held) {
    VersionVector shown = within(held);
    return held.beyond(shown).entrySet().stream()
        .mapToLong(last -> last.getValue() - shown.of(last.getKey()))
        .sum();
  }

  private long shown(Origin origin) {
    VersionVector old = atStart;
    long remembered = Math.max(of(origin), old.of(origin));
    // Last: what is forgotten was named before.
    return Math.max(remembered, old.folds().floor(origin, Integer.MAX_VALUE));
  }

  /** The token of what was delivered, by names that are not lost with a minority's disks. */
  public String token(VersionVector delivered) {
    delivered.fold(level(delivered));
    return delivered.token();
  }

  /** The level by which a vector is named; levels of a log that was open before mean nothing. */
  private synchronized int level(VersionVector vector) {
    Folds folds = folds();
    if (vector.folds() != folds) {
      return 0;
    }
    while (level < folds.level() && isSafe(folds.at(level + 1).id())) {
      level++;
      // They need not be remembered any more, where there is no end of origins.
      folds.at(level).lasts().stream()
          .map(OpId::origin)
          .forEach(
              origin ->
                  sequences.computeIfPresent(
                      origin, (named, last) -> folds.covers(origin, last) ? null : last));
    }
    return level;
  }

  private boolean isSafe(OpId fold) {
    return covers(fold.origin(), fold.sequence());
  }

  private Folds folds() {
    return atStart.folds();
  }

  private long of(Origin origin) {
    return sequences.getOrDefault(origin, 0L);
  }
}
