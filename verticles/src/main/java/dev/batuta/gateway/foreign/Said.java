package dev.batuta.gateway.foreign;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client said, whatever its dialect; null stands for what it left out. */
sealed interface Said {
  /** How a worker presents itself, and so what it reads. */
  enum Manner {
    USUAL,
    /** By {@code WORKER_ID}. */
    BY_WORKER_ID,
    /** By {@code flag}: the oldest, which knows one QUERY for each connection. */
    BY_FLAG
  }

  /** How masters greet each other. */
  enum Greeting {
    SERVER_ALIVE,
    SERVER_UUID,
    SERVER_ID
  }

  /**
   * A worker presents itself and asks for a task.
   *
   * @param owner the master that it belongs to, if it says so
   */
  record Present(@Nullable String worker, @Nullable String owner, Manner manner) implements Said {}

  /**
   * A worker reports.
   *
   * @param worker its id
   * @param display what stands in {@code WORKER}: its id, or a name for people
   * @param taskId as text, whatever its JSON
   * @param balance that it reports; never the ledger's
   */
  record Result(
      @Nullable String worker,
      @Nullable String display,
      boolean ok,
      @Nullable String task,
      @Nullable String taskId,
      @Nullable String user,
      @Nullable BigDecimal balance,
      @Nullable String error)
      implements Said {}

  record Heartbeat(Greeting greeting, @Nullable String server) implements Said {}

  /** The answer to a heartbeat; it is not answered. */
  record HeartbeatAnswer(@Nullable String server) implements Said {}

  /**
   * A master asks for workers.
   *
   * @param needed at least 1
   * @param from where it is reached, if it says so
   */
  record WorkerRequest(@Nullable String server, int needed, @Nullable Endpoint from)
      implements Said {}

  /** Workers come, or, when there are none, do not. */
  record WorkerResponse(@Nullable String server, List<String> workers) implements Said {}

  record Release(@Nullable String server, List<String> workers) implements Said {}

  record ReleaseAck(@Nullable String server, List<String> workers) implements Said {}

  record ReleaseCompleted(@Nullable String server, List<String> workers) implements Said {}

  /** JSON that means nothing here. */
  record Unknown() implements Said {}

  /** No JSON object at all. */
  record Malformed() implements Said {}

  /** Beyond the bounds of JSON. */
  record TooComplex() implements Said {}
}
