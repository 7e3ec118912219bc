package dev.batuta.gateway.foreign;

import java.time.Duration;

/**
 * How long a {@link ForeignWorker} and its master wait for each other, in milliseconds.
 *
 * @param grace that a registered worker waits for a task before it is told that there is none
 * @param patience the same of one that is being registered
 * @param linger that a worker which has reported is available before it asks
 * @param lease after which a silent worker loses its task, and its place in the farm
 */
record WorkerTimes(long grace, long patience, long linger, long lease) {
  static final WorkerTimes DEFAULT = withLease(Duration.ofSeconds(30));

  static WorkerTimes withLease(Duration lease) {
    return new WorkerTimes(250, 2_000, 300, lease.toMillis());
  }
}
