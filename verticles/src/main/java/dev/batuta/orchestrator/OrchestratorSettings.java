package dev.batuta.orchestrator;

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
 */
public record OrchestratorSettings(
    DispatchSettings dispatch,
    int maxAttempts,
    Duration maxWait,
    int maxWaiting,
    int acceptances,
    int maxSubmissions,
    Duration drain) {

  /**
   * The defaults, with what is configured.
   *
   * @param maxQueue {@code tasks.max-queue}
   * @param maxAttempts {@code tasks.max-attempts}
   * @param heartbeat {@code worker.heartbeat}
   */
  public static OrchestratorSettings of(int maxQueue, int maxAttempts, Duration heartbeat) {
    return new OrchestratorSettings(
        DispatchSettings.of(maxQueue, heartbeat),
        maxAttempts,
        Duration.ofSeconds(60),
        20_000,
        8,
        10_000,
        Duration.ofSeconds(10));
  }
}
