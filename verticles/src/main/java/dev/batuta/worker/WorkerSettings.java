package dev.batuta.worker;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * A worker.
 *
 * @param name stable over restarts, unique in the cluster
 * @param home name of the server that it belongs to
 * @param credits how many tasks it takes at once
 * @param heartbeat how often it says that it lives
 * @param masters names of the live servers, the preferred first; empty while none is known
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
    int transactions,
    int batch,
    Duration drain) {

  /** The defaults, with what is configured. */
  public static WorkerSettings of(
      String name, String home, int credits, Duration heartbeat, Supplier<List<String>> masters) {
    return new WorkerSettings(
        name, home, credits, heartbeat, masters, 2, 500, Duration.ofSeconds(10));
  }
}
