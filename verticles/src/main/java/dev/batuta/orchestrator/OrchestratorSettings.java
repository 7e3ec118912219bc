package dev.batuta.orchestrator;

import dev.batuta.orchestrator.dispatch.DispatchSettings;
import java.time.Duration;

/**
 * Bounds of an orchestrator.
 *
 * @param dispatch of its queue
 * @param maxAttempts of a task that does not say its own
 * @param maxWait longest that a reader may wait for a task to end
 * @param maxWaiting readers that may wait at once
 * @param acceptances transactions of acceptance that run at once
 * @param maxSubmissions submissions that may wait for one of these
 * @param drain how long a stop waits for what runs
 * @param stranded time without workers after which the tasks go to a server that has some
 */
public record OrchestratorSettings(
    DispatchSettings dispatch,
    int maxAttempts,
    Duration maxWait,
    int maxWaiting,
    int acceptances,
    int maxSubmissions,
    Duration drain,
    Duration stranded) {

  /**
   * The defaults, with what is configured.
   *
   * @param maxQueue {@code tasks.max-queue}
   * @param maxAttempts {@code tasks.max-attempts}
   * @param heartbeat {@code worker.heartbeat}
   * @param stranded {@code tasks.stranded}
   */
  public static OrchestratorSettings of(
      int maxQueue, int maxAttempts, Duration heartbeat, Duration stranded) {
    return new OrchestratorSettings(
        DispatchSettings.of(maxQueue, heartbeat),
        maxAttempts,
        Duration.ofSeconds(60),
        20_000,
        8,
        10_000,
        Duration.ofSeconds(10),
        stranded);
  }
}
