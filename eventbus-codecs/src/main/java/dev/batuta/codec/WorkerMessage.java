package dev.batuta.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Between an orchestrator and the workers of its farm. */
public sealed interface WorkerMessage extends Message {

  /** Over what a worker and its master speak. Only appended to. */
  enum Via {
    /** This bus: workers of this implementation, with every server of it. */
    BUS,
    /** A door for workers of other implementations: JSON over TCP. */
    TCP,
    /** The same: JSON over WebSocket. */
    WS
  }

  /**
   * A worker joins a farm. Its own latest registration, by number, decides where it belongs.
   *
   * @param registration grows with every registration of this worker
   * @param credits how many tasks it takes at once
   * @param kinds that it takes; empty from a worker that knows of none but QUERY and UPDATE
   * @param via over what it speaks, and can be lent to another master
   */
  @Type(80)
  record Register(
      String worker, String home, long registration, int credits, List<String> kinds, Via via)
      implements WorkerMessage {
    /** Of one of this implementation. */
    public Register(
        String worker, String home, long registration, int credits, List<String> kinds) {
      this(worker, home, registration, credits, kinds, Via.BUS);
    }
  }

  /** Welcome. */
  @Type(81)
  record Registered(String master, long term, long heartbeatMillis) implements WorkerMessage {}

  /**
   * "I live"; a master that does not know the registration answers with a failure.
   *
   * @param leaving whether it finishes what runs and goes then: it is to be sent no more
   * @param resting whether it stays but takes nothing until it says otherwise; what it was sent and
   *     has not reported it never began, and never will: that is given to others
   */
  @Type(82)
  record WorkerAlive(
      String worker, long registration, int outstanding, boolean leaving, boolean resting)
      implements WorkerMessage {
    /** Of one that takes what comes, or is about to go. */
    public WorkerAlive(String worker, long registration, int outstanding, boolean leaving) {
      this(worker, registration, outstanding, leaving, false);
    }
  }

  /**
   * Tasks to run, under the term of the queue that they come from. It is acknowledged; it may come
   * again when it was not.
   *
   * @param registration of the worker, as its master knows it
   */
  @Type(83)
  record Run(String master, long term, List<Assignment> tasks, long registration)
      implements WorkerMessage {}

  /**
   * One attempt of one task.
   *
   * @param traceparent where the attempt is in a trace, as the header of that name says it; null
   *     outside of one, and from a server that does not say it
   */
  @Type(84)
  record Assignment(
      long id,
      int attempt,
      long timeoutMillis,
      TaskMessage.Payload payload,
      @Nullable String traceparent) {
    /** Outside of a trace. */
    public Assignment(long id, int attempt, long timeoutMillis, TaskMessage.Payload payload) {
      this(id, attempt, timeoutMillis, payload, null);
    }

    /** The same at another place of its trace. */
    public Assignment at(String place) {
      return new Assignment(id, attempt, timeoutMillis, payload, place);
    }
  }

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

  /**
   * A worker leaves on purpose; what it has not reported is given to others.
   *
   * @param drained whether it never began what it has not reported, and never will: then that is
   *     given to others as the same attempt
   */
  @Type(87)
  record Unregister(String worker, long registration, boolean drained) implements WorkerMessage {}

  /**
   * REDIRECT: a worker is lent, and is to serve another master; it finishes what runs first.
   *
   * @param registration under which it serves the sender; it refuses any but its present one
   * @param target the master that borrows it
   * @param home the master that it belongs to
   * @param failover masters to try, in this order, should both be dead
   */
  @Type(88)
  record Redirect(
      String master, long registration, String target, String home, List<String> failover)
      implements WorkerMessage {}

  /**
   * RETURN: a borrowed worker is to go home; it finishes what runs first.
   *
   * @param registration under which it serves the sender; it refuses any but its present one
   */
  @Type(89)
  record Return(String master, long registration) implements WorkerMessage {}

  /**
   * A task was cancelled: the worker leaves this attempt out if it has not begun, and reports it as
   * any other. Sent once, and may be lost: what runs all the same is refused.
   */
  @Type(48)
  record Drop(String master, long registration, long id, int attempt) implements WorkerMessage {}

  /**
   * To all nodes, for who looks on: what a worker answered is not what the ledger says, which
   * stands.
   *
   * @param master whom it serves
   * @param claimed by the worker; its balance is as it wrote it
   * @param result that stands
   * @param untold how many more there were since the last one that was told of
   */
  @Type(118)
  record Disputed(
      String worker,
      String master,
      long task,
      TaskMessage.Result claimed,
      TaskMessage.Result result,
      long untold)
      implements WorkerMessage {}
}
