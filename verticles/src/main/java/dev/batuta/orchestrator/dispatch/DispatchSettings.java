package dev.batuta.orchestrator.dispatch;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Bounds of a queue.
 *
 * @param maxQueue unfinished tasks beyond which submitters are refused
 * @param batch most tasks of one message to a worker
 * @param heartbeat how often a worker says that it lives; silent for three of them, it has failed
 * @param lowWater active tasks in memory below which more are read from the store
 * @param highWater active tasks in memory above which accepted ones stay in the store; each
 *     priority above 0 has a tenth more
 * @param page most tasks that one reading brings
 * @param backoff pause after the first attempt of a task; doubles with each, with jitter of half
 * @param maxBackoff bound of that pause
 * @param patience how often the tasks of one priority may be passed over in a row by those of
 *     higher ones
 */
public record DispatchSettings(
    int maxQueue,
    int batch,
    Duration heartbeat,
    int lowWater,
    int highWater,
    int page,
    Duration backoff,
    Duration maxBackoff,
    int patience) {

  /** The defaults, with a bound of the queue. */
  public static DispatchSettings of(int maxQueue, Duration heartbeat) {
    return new DispatchSettings(
        maxQueue,
        500,
        heartbeat,
        20_000,
        100_000,
        10_000,
        Duration.ofMillis(200),
        Duration.ofSeconds(30),
        100);
  }

  /** Silence after which a worker has failed. */
  long silenceMillis() {
    return 3 * heartbeat.toMillis();
  }

  /** The pause after an attempt: doubling, half of it jitter, bounded. */
  long backoffMillis(int attempt, SplittableRandom jitter) {
    long full = Math.min(maxBackoff.toMillis(), backoff.toMillis() << Math.min(attempt - 1, 20));
    return Math.max(1, full / 2 + jitter.nextLong(full / 2 + 1));
  }
}
