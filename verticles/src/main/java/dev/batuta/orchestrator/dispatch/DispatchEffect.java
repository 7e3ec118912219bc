package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.orchestrator.store.Scope;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a step asks for, to be carried out in the order given. Those that persist are repeated until
 * the database has answered, and then answered by the input that they name; {@link Dispatch} sends
 * nothing that depends on one before it has that answer, so they may run side by side.
 */
public sealed interface DispatchEffect {

  /**
   * Persist that everything of the term of this id, up to it, may have been dispatched, then {@link
   * DispatchInput.Marked}. Nothing beyond the last answered mark of its term and scope is ever
   * sent.
   *
   * @param scope see {@link DispatchWatermarks#scopeOf}
   */
  record Mark(long throughId, Scope scope) implements DispatchEffect {}

  /** Send to a worker; unacknowledged it comes back as {@link DispatchInput.Undelivered}. */
  record Send(String worker, long registration, List<Assignment> tasks) implements DispatchEffect {}

  /**
   * Persist that these attempts are over, then {@link DispatchInput.GaveUp} with what follows on
   * each. Only after that the next attempt of such a task is sent.
   */
  record GiveUp(List<Lost> lost) implements DispatchEffect {}

  /**
   * An attempt that brought nothing.
   *
   * @param error the cause in words, with what the worker says of it
   */
  record Lost(
      long id, int attempt, String worker, Cause cause, String error, long startedAtMillis) {}

  /** Why an attempt brought nothing. */
  enum Cause {
    /** What it ran failed, as its worker says. */
    FAILED,
    /** There was no result within the time that the task gives it. */
    OVERDUE,
    WORKER_SILENT,
    WORKER_LEFT,
    /** Its worker has a newer registration, and so nothing of what it had before. */
    WORKER_REPLACED,
    /** The database did not take its end. */
    REFUSED
  }

  /** Persist these ends, then {@link DispatchInput.Completed}. */
  record Complete(List<End> ends) implements DispatchEffect {}

  /** The end of a task that is not in the database yet. */
  record End(
      long id,
      int attempt,
      State state,
      String worker,
      @Nullable Result result,
      @Nullable String error,
      long startedAtMillis,
      long finishedAtMillis) {}

  /** Tell a worker to leave this attempt, if it has not begun; may be lost. It frees its slot. */
  record Drop(String worker, long registration, long id, int attempt) implements DispatchEffect {}

  /**
   * Read unfinished tasks beyond an id, then {@link DispatchInput.Loaded}. One at a time.
   *
   * @param scope of which the payloads are wanted
   */
  record Load(long afterId, int limit, Scope scope) implements DispatchEffect {}

  /** The outcomes of these tasks are in the database: who waits for them may be answered. */
  record Finished(List<Finish> tasks) implements DispatchEffect {}

  /**
   * The end of one, for who looks on.
   *
   * @param worker empty where none had it
   * @param sentAtMillis when the attempt that brought a result was given to its worker; 0 where
   *     none did
   */
  record Finish(
      long id,
      String kind,
      State state,
      String worker,
      @Nullable Result result,
      @Nullable String error,
      long sentAtMillis) {
    /** Of one without a result. */
    Finish(long id, String kind, State state, String worker, @Nullable String error) {
      this(id, kind, state, worker, null, error, 0);
    }
  }

  /** The answer to a registration, or to a heartbeat or report: all is well. */
  record Welcome(String worker, long registration) implements DispatchEffect {}

  /** The registration is not, or no longer, in force: the worker must take a new number. */
  record TurnAway(String worker, long registration, String why) implements DispatchEffect {}

  /**
   * For the log: a worker came ({@code change} is JOINED or RETURNED) or went.
   *
   * @param lost how many attempts were given up with it
   */
  record FarmChanged(String worker, long registration, Change change, int lost)
      implements DispatchEffect {}

  /** What happened to a worker. */
  enum Change {
    JOINED,
    /** Known before, under an older number. */
    RETURNED,
    LEFT,
    /** Silent for too long. */
    FAILED
  }
}
