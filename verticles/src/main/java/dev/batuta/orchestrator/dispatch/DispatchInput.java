package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import java.util.Collection;
import java.util.List;

/** What happens to a queue. */
public sealed interface DispatchInput {

  /** What a worker says, under a registration; it is answered. */
  sealed interface OfWorker extends DispatchInput {
    String worker();

    long registration();
  }

  /**
   * Tasks under a reservation ({@link Dispatch#reserve}) are committed; this releases it.
   *
   * @param firstId what the reservation gave
   */
  record Accepted(long firstId, List<QueuedTask> tasks) implements DispatchInput {}

  /** Nothing was committed under a reservation, and nothing will be. */
  record Withdrawn(long firstId) implements DispatchInput {}

  /**
   * Answer to {@link DispatchEffect.Load}: unfinished tasks in the order of their ids, of whatever
   * kind; the payloads of those that were not asked for may be empty.
   *
   * @param last whether there was nothing beyond them
   */
  record Loaded(List<QueuedTask> tasks, boolean last) implements DispatchInput {}

  /** Answer to {@link DispatchEffect.Mark}: it is persisted. */
  record Marked(long throughId, Scope scope) implements DispatchInput {}

  /** Answer to {@link DispatchEffect.GiveUp}: it is persisted. */
  record GaveUp(List<Verdict> verdicts) implements DispatchInput {}

  /**
   * What follows on an attempt that was given up.
   *
   * @param state FAILED when another attempt follows; DEAD when they are used up; another final
   *     state when the task had ended before
   * @param nextAttempt its number, after FAILED
   */
  record Verdict(DispatchEffect.Lost lost, State state, int nextAttempt) {}

  /**
   * Answer to {@link DispatchEffect.Complete}: these are persisted.
   *
   * @param refused those that are not, because another attempt is the present one, or because the
   *     task had ended otherwise before
   */
  record Completed(List<DispatchEffect.End> ends, List<DispatchEffect.End> refused)
      implements DispatchInput {}

  /** Tasks of another server are this queue's from now on; they are in the store. */
  record Adopted(long unfinished) implements DispatchInput {}

  /**
   * Somebody is about to cancel a task in the database, wherever it is; decided by {@link
   * Cancelled} or {@link NotCancelled}. One request about a task at a time.
   */
  record Cancelling(long id) implements DispatchInput {}

  /** It is persisted: this task is CANCELLED. */
  record Cancelled(long id, String kind) implements DispatchInput {}

  /** {@link Cancelling} has changed nothing. */
  record NotCancelled(long id) implements DispatchInput {}

  /**
   * Somebody is about to have a DEAD task run again; decided by {@link Retried} or {@link
   * NotRetried}. One request about a task at a time.
   */
  record Retrying(long id) implements DispatchInput {}

  /**
   * It is persisted: this task, which was DEAD, is to run again. May be one that is in the queue
   * already.
   *
   * @param counted whether it may be among those unfinished that this queue has counted
   */
  record Retried(QueuedTask task, boolean counted) implements DispatchInput {}

  /** {@link Retrying} has changed nothing, and the task has ended or is unknown. */
  record NotRetried(long id) implements DispatchInput {}

  /**
   * A worker asks to join.
   *
   * @param kinds that it takes; empty from one of a version that took {@link Kinds#FIRST} only
   * @param via over what it speaks
   */
  record Joined(
      String worker, String home, long registration, int credits, Collection<String> kinds, Via via)
      implements OfWorker {
    /** Of one of this implementation. */
    public Joined(
        String worker, String home, long registration, int credits, Collection<String> kinds) {
      this(worker, home, registration, credits, kinds, Via.BUS);
    }
  }

  /**
   * A heartbeat.
   *
   * @param leaving whether the worker is to be sent no more
   * @param resting whether it stays and is to be sent nothing for now; it began nothing of what it
   *     has not reported, and never will
   */
  record Alive(String worker, long registration, boolean leaving, boolean resting)
      implements OfWorker {
    /** Of one that does not rest. */
    public Alive(String worker, long registration, boolean leaving) {
      this(worker, registration, leaving, false);
    }
  }

  /**
   * A worker leaves on purpose.
   *
   * @param drained whether it never began, and never will, what it has not reported
   */
  record Left(String worker, long registration, boolean drained) implements OfWorker {}

  /** A worker says what became of attempts; may come twice. */
  record Reported(String worker, long registration, List<Outcome> outcomes) implements OfWorker {}

  /** A {@link DispatchEffect.Send} was not acknowledged in time: it may or may not have arrived. */
  record Undelivered(String worker, long registration, List<Assignment> tasks)
      implements DispatchInput {}

  /** From now on nothing more is sent. */
  record Draining() implements DispatchInput {}

  /** Time has passed. To be given several times within a heartbeat. */
  record Tick() implements DispatchInput {}
}
