package dev.batuta.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Between an orchestrator and the workers of its farm. */
public sealed interface WorkerMessage extends Message {

  /**
   * A worker joins a farm. Its own latest registration, by number, decides where it belongs.
   *
   * @param registration grows with every registration of this worker
   * @param credits how many tasks it takes at once
   * @param kinds that it takes; empty from a worker that knows of none but QUERY and UPDATE
   */
  @Type(80)
  record Register(String worker, String home, long registration, int credits, List<String> kinds)
      implements WorkerMessage {}

  /** Welcome. */
  @Type(81)
  record Registered(String master, long term, long heartbeatMillis) implements WorkerMessage {}

  /** "I live"; a master that does not know the registration answers with a failure. */
  @Type(82)
  record WorkerAlive(String worker, long registration, int outstanding) implements WorkerMessage {}

  /**
   * Tasks to run, under the term of the queue that they come from. It is acknowledged; it may come
   * again when it was not.
   *
   * @param registration of the worker, as its master knows it
   */
  @Type(83)
  record Run(String master, long term, List<Assignment> tasks, long registration)
      implements WorkerMessage {}

  /** One attempt of one task. */
  @Type(84)
  record Assignment(long id, int attempt, long timeoutMillis, TaskMessage.Payload payload) {}

  /** What became of assignments. A ledger outcome is committed before it is reported. */
  @Type(85)
  record Report(String worker, long registration, List<Outcome> outcomes)
      implements WorkerMessage {}

  /**
   * The end of one attempt.
   *
   * @param recorded whether the outcome is in the database already
   * @param result of the ledger, or of a task that has a result of its own; else null
   * @param error why the attempt failed, null if it did not
   */
  @Type(86)
  record Outcome(
      long id,
      int attempt,
      boolean recorded,
      TaskMessage.@Nullable Result result,
      @Nullable String error,
      long startedAtMillis,
      long finishedAtMillis) {}

  /** A worker leaves on purpose; what it has not reported is given to others. */
  @Type(87)
  record Unregister(String worker, long registration) implements WorkerMessage {}
}
