package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.metrics.ByConstant;
import dev.batuta.metrics.ByLabel;
import dev.batuta.metrics.Durations;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Cause;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Change;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a server has done with tasks since it started, over all terms of its queue: counted where
 * the effects of its rules are carried out. Unlike the {@link Tally} it knows nothing of what was
 * before. Its queue counts, on its event loop; any thread may look.
 */
public final class TaskCounts {
  /** How a task ended. */
  public enum End {
    /** It ran, and its effect, where it has one, is there. */
    OK,
    /** The ledger decided against it. */
    NOK,
    DEAD,
    CANCELLED
  }

  private final ByLabel<LongAdder> accepted = ByLabel.counts();
  private final Map<End, ByLabel<LongAdder>> ended = new EnumMap<>(End.class);
  private final ByLabel<Durations> dispatchToResult = new ByLabel<>(ByLabel.MOST, Durations::new);
  private final ByConstant<Cause> givenUp = new ByConstant<>(Cause.class);
  private final ByConstant<Change> farm = new ByConstant<>(Change.class);
  private final LongAdder adopted = new LongAdder();
  private final LongAdder terms = new LongAdder();

  TaskCounts() {
    for (End end : End.values()) {
      ended.put(end, ByLabel.counts());
    }
  }

  /** These are committed, and this queue's. */
  void accept(List<QueuedTask> tasks) {
    tasks.forEach(task -> accepted.of(task.kind()).increment());
  }

  /** The outcomes of these are in the database. */
  void finish(List<Finish> tasks, long nowMillis) {
    for (Finish task : tasks) {
      ended(end(task)).of(task.kind()).increment();
      if (task.sentAtMillis() > 0) {
        dispatchToResult.of(task.kind()).addMillis(nowMillis - task.sentAtMillis());
      }
    }
  }

  private static End end(Finish task) {
    Result result = task.result();
    if (task.state() == State.DONE) {
      return result != null && result.status() == Status.NOK ? End.NOK : End.OK;
    }
    return task.state() == State.DEAD ? End.DEAD : End.CANCELLED;
  }

  void giveUp(List<Lost> attempts) {
    attempts.forEach(attempt -> givenUp.count(attempt.cause()));
  }

  void change(Change ofWorker) {
    farm.count(ofWorker);
  }

  void adopt(long tasks) {
    adopted.add(tasks);
  }

  void beginTerm() {
    terms.increment();
  }

  /** Tasks that were accepted, by kind. */
  public ByLabel<LongAdder> accepted() {
    return accepted;
  }

  /** Tasks that ended so, by kind. */
  public ByLabel<LongAdder> ended(End end) {
    return Objects.requireNonNull(ended.get(end));
  }

  /**
   * From the sending of a task to a worker until the result of that attempt is in the database, by
   * kind.
   */
  public ByLabel<Durations> dispatchToResult() {
    return dispatchToResult;
  }

  /** Attempts of this process that brought nothing. */
  public ByConstant<Cause> givenUp() {
    return givenUp;
  }

  /** Workers that came and went. */
  public ByConstant<Change> farm() {
    return farm;
  }

  /**
   * Tasks of other servers, and of this one before, that became this queue's in the middle of a
   * term.
   */
  public long adopted() {
    return adopted.sum();
  }

  /** Terms that the queue has had in this process. */
  public long terms() {
    return terms.sum();
  }
}
