package dev.batuta.worker;

import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A worker.
 *
 * @param name stable over restarts, unique in the cluster
 * @param home name of the server that it belongs to
 * @param credits how many tasks it takes at once
 * @param heartbeat how often it says that it lives
 * @param masters names of the live servers, the preferred first; empty while none is known
 * @param reachable whether others reach this worker by its address; while they do not, it neither
 *     registers nor says that it lives, as it would be given tasks that it does not get
 * @param transactions on the ledger side by side, each on its own part of the accounts; the same at
 *     all workers, so that theirs part the accounts in the same way
 * @param batch most tasks of one transaction
 * @param drain how long a stop waits for what runs
 */
public record WorkerSettings(
    String name,
    String home,
    int credits,
    Duration heartbeat,
    Supplier<List<String>> masters,
    BooleanSupplier reachable,
    int transactions,
    int batch,
    Duration drain) {

  /** The defaults, with what is configured. */
  public static WorkerSettings of(
      String name,
      String home,
      int credits,
      Duration heartbeat,
      Supplier<List<String>> masters,
      BooleanSupplier reachable) {
    return new WorkerSettings(
        name, home, credits, heartbeat, masters, reachable, 2, 500, Duration.ofSeconds(10));
  }
}
