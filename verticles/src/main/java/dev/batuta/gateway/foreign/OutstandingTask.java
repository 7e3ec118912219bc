package dev.batuta.gateway.foreign;

import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import org.jspecify.annotations.Nullable;

/**
 * The one task that a {@link ForeignWorker} may have: where it is, and what the worker said of it.
 * Belongs to one thread.
 */
final class OutstandingTask {
  private enum Phase {
    NONE,
    /** Here, until the worker asks. */
    HELD,
    TOLD,
    /** With the ledger. */
    EXECUTING
  }

  private Phase phase = Phase.NONE;
  private @Nullable Assignment task;
  private long term;
  private Said.@Nullable Result claimed;
  private long lastDone;

  boolean isNone() {
    return phase == Phase.NONE;
  }

  boolean isHeld() {
    return phase == Phase.HELD;
  }

  boolean isTold() {
    return phase == Phase.TOLD;
  }

  boolean isExecuting() {
    return phase == Phase.EXECUTING;
  }

  /** Whether there is nothing that the worker or the ledger has begun. */
  boolean isIdle() {
    return phase == Phase.NONE || phase == Phase.HELD;
  }

  int count() {
    return isNone() ? 0 : 1;
  }

  /** None when there is none. */
  @Nullable Assignment task() {
    return task;
  }

  /** What the worker answered; none of a task that it was not told. */
  Said.@Nullable Result claimed() {
    return claimed;
  }

  void hold(Assignment given, long underTerm) {
    phase = Phase.HELD;
    task = given;
    term = underTerm;
    claimed = null;
  }

  void told() {
    phase = Phase.TOLD;
  }

  /** The worker says that it is done. */
  void claim(Said.Result result) {
    claimed = result;
  }

  /** Gives it to the ledger. */
  WorkerEffect.Execute execute(Assignment held) {
    phase = Phase.EXECUTING;
    return new WorkerEffect.Execute(term, held);
  }

  /** It is done; a result that comes again is of this one. */
  void done(Assignment ended) {
    clear();
    lastDone = ended.id();
  }

  /** It is another's again; a result of it comes too late. */
  void lost() {
    clear();
    lastDone = 0;
  }

  /** It goes back if the worker was not told of it. */
  void giveBack() {
    if (isHeld()) {
      clear();
    }
  }

  private void clear() {
    phase = Phase.NONE;
    task = null;
    claimed = null;
  }

  boolean isSame(long id, int attempt) {
    return task != null && task.id() == id && task.attempt() == attempt;
  }

  /** Whether this is the id of the task that the worker was told. */
  boolean isTold(@Nullable String taskId) {
    return task != null && isTold() && Long.toString(task.id()).equals(taskId);
  }

  boolean isUpdate() {
    return task != null && task.payload() instanceof Update;
  }

  /** Whether a result can be about it. */
  boolean isOf(Said.Result result) {
    Assignment of = task;
    return of != null && Claims.isOf(of, result);
  }

  /** Whether a result may be that of the task before, once more. */
  boolean isOfLast(Said.Result result) {
    return lastDone != 0
        && (result.taskId() == null || result.taskId().equals(Long.toString(lastDone)));
  }
}
