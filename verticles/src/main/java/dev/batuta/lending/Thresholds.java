package dev.batuta.lending;

import java.time.Duration;

/**
 * When workers are lent, and how many.
 *
 * <p>Two things keep workers from going to and fro: between the two thresholds nothing changes, and
 * a worker that has come stays for {@link #restMillis} at least, whoever asks.
 *
 * @param maxQueue waiting tasks for each worker above which a master asks for workers
 * @param minQueue waiting tasks for each worker below which it gives back what it borrowed
 * @param minWorkers workers of its own that a master never lends
 * @param interval between two comparisons
 */
public record Thresholds(int maxQueue, int minQueue, int minWorkers, Duration interval) {
  /** Comparisons in a row below the lower threshold after which borrowed workers are given back. */
  static final int CALM = 3;

  /** Times that a message is sent before its matter is given up. */
  static final int TRIES = 6;

  private static final int REST = 5;
  private static final int ARRIVAL = 8;

  /** Shortest stay of a worker with a master, before that lends it or gives it back. */
  public long restMillis() {
    return REST * interval.toMillis();
  }

  /** Within this a worker that was promised is expected. */
  long arrivalMillis() {
    return ARRIVAL * interval.toMillis();
  }

  /** The pause after the given number of tries; it doubles. */
  long pauseMillis(int tries) {
    return Math.max(1, interval.toMillis() / 4) << Math.min(tries - 1, TRIES);
  }

  /** How many workers are missing; 0 below the threshold. */
  int needed(int queued, int workers) {
    return (long) maxQueue * workers >= queued
        ? 0
        : Math.max(1, (int) Math.min(Integer.MAX_VALUE, ceil(queued, maxQueue) - workers));
  }

  /** How many of its own a master can spare, and be below its threshold still. */
  int spare(int queued, int workers, int own) {
    long kept = Math.max(minWorkers, 0);
    long needed = ceil(queued, maxQueue);
    return (int) Math.max(0, Math.min(own - kept, workers - needed));
  }

  /** Whether there is so little to do that borrowed workers may go. */
  boolean calm(int queued, int workers) {
    return queued == 0 || queued < (long) minQueue * workers;
  }

  /** How many may go, and the rest be below half its threshold still. */
  int surplus(int queued, int running, int workers) {
    return queued == 0 && running == 0
        ? workers
        : (int) Math.max(0, workers - Math.max(1, ceil(2L * queued, maxQueue)));
  }

  private static long ceil(long dividend, long divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
