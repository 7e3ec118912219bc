package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.database.Results;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Cause;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Drop;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Welcome;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Adopted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.Draining;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Undelivered;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.dispatch.DispatchInput.Withdrawn;
import dev.batuta.orchestrator.dispatch.FarmWorker.Slot;
import dev.batuta.orchestrator.store.Scope;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which the owner of a queue gives its tasks to its workers: priorities, first in
 * first out within one; the least loaded worker first, never beyond its credits; a worker silent
 * for three heartbeats has failed and its attempts are given up; a task ends DEAD when its attempts
 * are used up.
 *
 * <p>Deterministic: no clock, no random of its own, no I/O. The state is changed in place, unlike
 * in the other cores, because millions of tasks cannot be copied for each step; an instance belongs
 * to one thread. Memory is bounded by {@link DispatchSettings}, whatever the length of the queue:
 * what does not fit stays in the store and is read in pages ({@link Backlog}).
 *
 * <p>Nothing is sent before the database says that it may have been ({@link Mark}); no attempt
 * begins before the one before it is given up in the database ({@link DispatchEffect.GiveUp}).
 * These two, with the fence of term and attempt in the store, let nothing happen twice, whoever
 * dies.
 */
public final class Dispatch {
  private final DispatchSettings settings;
  private final SplittableRandom jitter;
  private final TaskQueue queue;
  private final Farm farm = new Farm();
  private final DispatchWatermarks watermarks = new DispatchWatermarks();
  private final EffectBatch effects;
  private final Assigner assigner;
  private final WorkerLiveness liveness;
  private long nowMillis;
  private long lastTickMillis;
  private boolean draining;

  /**
   * A queue at the start of a term.
   *
   * @param term the first 32 bits of the ids that this term gives
   * @param unfinished how many tasks of earlier terms there are in the store
   * @param seed of the jitter
   */
  public Dispatch(DispatchSettings settings, long term, long unfinished, long seed) {
    this.settings = settings;
    this.jitter = new SplittableRandom(seed);
    this.queue = new TaskQueue(settings, term, unfinished);
    this.effects = new EffectBatch(settings.batch());
    this.assigner = new Assigner(settings.batch(), queue, farm, watermarks, effects);
    this.liveness = new WorkerLiveness(farm, queue, effects);
  }

  /**
   * Reserves room and ids for tasks that are about to be accepted; to be released by {@link
   * Accepted} or {@link Withdrawn}.
   *
   * @return the first of {@code count} consecutive ids; empty if the queue is full
   */
  public OptionalLong reserve(int count) {
    return queue.reserve(count);
  }

  /** One step with one input; see {@link #step(long, List)}. */
  public List<DispatchEffect> step(long now, DispatchInput input) {
    return step(now, List.of(input));
  }

  /**
   * One step. Inputs given together make larger batches.
   *
   * @param now milliseconds that never run back, on the scale of not-before instants
   * @return what is to be done, in this order
   */
  public List<DispatchEffect> step(long now, List<DispatchInput> inputs) {
    nowMillis = now;
    inputs.forEach(this::take);
    dispatch();
    return effects.take();
  }

  private void take(DispatchInput input) {
    switch (input) {
      case Accepted(long firstId, List<QueuedTask> tasks) ->
          queue.accept(firstId, tasks, nowMillis);
      case Withdrawn(long firstId) -> queue.withdraw(firstId);
      case Loaded(List<QueuedTask> tasks, boolean last) -> queue.load(tasks, last, nowMillis);
      case Marked(long throughId, Scope scope) -> watermarks.persisted(throughId, scope);
      case GaveUp(List<Verdict> verdicts) -> verdicts.forEach(this::follow);
      case Completed(List<End> persisted, List<End> refused) -> {
        persisted.forEach(this::end);
        refused.forEach(this::askWhatBecameOf);
      }
      case Adopted(long unfinished) -> queue.adopt(unfinished);
      case DispatchInput.Cancelling(long id) -> queue.cancellations().begin(id);
      case DispatchInput.NotCancelled(long id) -> queue.cancellations().end(id);
      case DispatchInput.Cancelled(long id, String kind) -> cancelled(id, kind);
      case DispatchInput.Retrying(long id) -> queue.retrying(id);
      case DispatchInput.NotRetried(long id) -> queue.notRetried(id);
      case DispatchInput.Retried(QueuedTask task, boolean counted) -> {
        if (queue.retry(task, counted, nowMillis)) {
          effects.add(new Finish(task.id, task.kind(), State.DEAD, "", null));
        }
      }
      case Joined joined -> liveness.join(joined, nowMillis);
      case Alive alive -> liveness.heard(alive, nowMillis);
      case Left left -> liveness.leave(left);
      case Reported reported -> report(reported);
      case Undelivered undelivered -> sendAgain(undelivered);
      case Draining() -> draining = true;
      case Tick() -> tick();
    }
  }

  // --- what goes out

  private void dispatch() {
    int ready = queue.ready(nowMillis, farm.kinds());
    if (!draining) {
      assigner.send(ready, nowMillis);
      queue.read(nowMillis).ifPresent(effects::add);
    }
  }

  // --- what comes back

  private void report(Reported reported) {
    FarmWorker worker = farm.get(reported.worker(), reported.registration());
    if (worker == null) {
      effects.add(farm.turnAway(reported.worker(), reported.registration()));
      return;
    }
    worker.lastHeardMillis = nowMillis;
    for (Outcome outcome : reported.outcomes()) {
      Slot slot = new Slot(outcome.id(), outcome.attempt());
      QueuedTask task = queue.running(worker, slot);
      // Without the slot it was reported before; without the task it comes too late.
      if (worker.slots.remove(slot) && task != null) {
        persist(task, worker, outcome);
      }
    }
    effects.add(new Welcome(worker.name, worker.registration));
  }

  private void persist(QueuedTask task, FarmWorker worker, Outcome outcome) {
    queue.stop(task);
    String error =
        Optional.ofNullable(outcome.error()).or(() -> flaw(outcome.result())).orElse(null);
    if (outcome.recorded()) {
      queue.forget(task);
      effects.add(
          new Finish(
              task.id,
              task.kind(),
              State.DONE,
              worker.name,
              outcome.result(),
              null,
              task.startedAtMillis));
    } else if (error != null) {
      effects.add(task.lost(worker, Cause.FAILED, error));
    } else {
      effects.add(
          new End(
              task.id,
              task.attempt,
              State.DONE,
              worker.name,
              outcome.result(),
              null,
              outcome.startedAtMillis(),
              outcome.finishedAtMillis()));
    }
  }

  /** What a worker of another version, or in another language, may not have looked at. */
  private static Optional<String> flaw(@Nullable Result result) {
    return Optional.ofNullable(result).map(Result::json).flatMap(Results::flaw);
  }

  private void follow(Verdict verdict) {
    Lost given = verdict.lost();
    QueuedTask task = queue.persisting(given.id(), given.attempt());
    if (task == null) {
      return;
    }
    if (verdict.state().isFinal()) {
      queue.forget(task);
      String why = verdict.state() == State.DEAD ? given.error() : null;
      effects.add(new Finish(task.id, task.kind(), verdict.state(), given.worker(), why));
    } else {
      queue.retry(
          task, verdict.nextAttempt(), nowMillis + settings.backoffMillis(given.attempt(), jitter));
    }
  }

  private void end(End end) {
    QueuedTask task = queue.persisting(end.id(), end.attempt());
    if (task != null) {
      queue.forget(task);
      effects.add(
          new Finish(
              task.id,
              task.kind(),
              end.state(),
              end.worker(),
              end.result(),
              end.error(),
              task.startedAtMillis));
    }
  }

  /** Giving up an attempt that is not the present one changes nothing, and tells the truth. */
  private void askWhatBecameOf(End end) {
    if (queue.persisting(end.id(), end.attempt()) != null) {
      effects.add(
          new Lost(
              end.id(),
              end.attempt(),
              end.worker(),
              Cause.REFUSED,
              "its end was refused",
              end.startedAtMillis()));
    }
  }

  /** A worker that has it keeps its slot until it reports. */
  private void cancelled(long id, String kind) {
    if (queue.cancellations().end(id)) {
      return;
    }
    QueuedTask task = queue.get(id);
    FarmWorker worker = task == null ? null : task.worker;
    if (task == null) {
      queue.cancelElsewhere(id, kind);
    } else {
      queue.cancel(task);
    }
    if (task != null && worker != null) {
      effects.add(new Drop(worker.name, worker.registration, id, task.attempt));
    }
    effects.add(new Finish(id, kind, State.CANCELLED, worker == null ? "" : worker.name, null));
  }

  // --- workers

  private void sendAgain(Undelivered undelivered) {
    FarmWorker worker = farm.get(undelivered.worker(), undelivered.registration());
    if (worker == null) {
      return;
    }
    // Also what has been given up meanwhile: only a report gives its credit back.
    List<Assignment> held =
        undelivered.tasks().stream().filter(task -> worker.slots.contains(slot(task))).toList();
    if (held.isEmpty()) {
      return;
    }
    effects.add(new Send(worker.name, worker.registration, held));
    for (Assignment task : held) {
      if (queue.running(worker, slot(task)) == null) {
        effects.add(new Drop(worker.name, worker.registration, task.id(), task.attempt()));
      }
    }
  }

  private static Slot slot(Assignment task) {
    return new Slot(task.id(), task.attempt());
  }

  // --- time

  private void tick() {
    // A master that did not run itself (a pause, a stop) has not listened: that is nobody's
    // silence.
    long pause = nowMillis - lastTickMillis;
    if (lastTickMillis > 0 && pause > settings.heartbeat().toMillis()) {
      farm.excuse(pause);
    }
    lastTickMillis = nowMillis;
    liveness.missing(nowMillis - settings.silenceMillis());
    QueuedTask task = queue.overdue(nowMillis);
    while (task != null) {
      FarmWorker worker = Objects.requireNonNull(task.worker, "a running task is with a worker");
      queue.stop(task);
      String why = "no result within " + task.timeoutMillis + " ms";
      effects.add(task.lost(worker, Cause.OVERDUE, why));
      task = queue.overdue(nowMillis);
    }
  }

  // --- to be looked at

  /** The tasks, to be looked at only. */
  public TaskQueue queue() {
    return queue;
  }

  /** What lending has to know. */
  public FarmView farm() {
    return new FarmView(
        queue.waiting(farm.lendingKinds()),
        queue.special(),
        queue.running(),
        farm.lendable(nowMillis));
  }

  /** How all stands, for who watches the queue of a master. */
  public QueueView view(String master) {
    return QueueView.of(queue, farm, master, nowMillis);
  }

  /** What decides whether the tasks had better go to another server. */
  public Stranded.Sight sight() {
    return new Stranded.Sight(farm.isManned(), queue.load(), queue.outstanding());
  }

  /** The workers of this master. */
  public List<WorkerView> workers(String master) {
    return farm.views(master);
  }
}
