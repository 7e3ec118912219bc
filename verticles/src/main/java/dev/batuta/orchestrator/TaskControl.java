package dev.batuta.orchestrator;

import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.RetryUntilKnown.Known;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.orchestrator.dispatch.DispatchInput;
import dev.batuta.orchestrator.dispatch.DispatchInput.Cancelled;
import dev.batuta.orchestrator.dispatch.DispatchInput.Cancelling;
import dev.batuta.orchestrator.dispatch.DispatchInput.NotCancelled;
import dev.batuta.orchestrator.dispatch.DispatchInput.NotRetried;
import dev.batuta.orchestrator.dispatch.DispatchInput.Retried;
import dev.batuta.orchestrator.dispatch.DispatchInput.Retrying;
import dev.batuta.orchestrator.dispatch.QueuedTask;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Cancellation;
import dev.batuta.orchestrator.store.TaskStore.RetryOutcome;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What people decide about single tasks of this owner. The database decides first, in one guarded
 * transaction; the queue is told after it, and takes the task from wherever it is. If this process
 * dies in between, the next term reads what the database says. An answer that was lost on the way
 * is asked for again until it is known: both decisions, repeated, change nothing. Belongs to one
 * event loop.
 */
public final class TaskControl {
  /** Most requests at once; beyond it, those who ask are told to wait. */
  static final int MAX_UNDER_WAY = 1_000;

  private final Timers timers;
  private final String server;
  private final TaskStore store;
  private final OwnQueue queue;

  /** The request about a task; another one meanwhile is told to wait. */
  private final Map<Long, Future<?>> underWay = new HashMap<>();

  /** Of the queue of a server, under whatever term is in force. */
  public TaskControl(Timers timers, String server, TaskStore store, OwnQueue queue) {
    this.timers = timers;
    this.server = server;
    this.store = store;
    this.queue = queue;
  }

  /** The cancelled task; CONFLICT if it has ended otherwise. */
  public Future<Task> cancel(Cancel cancel) {
    return oneByOne(
        cancel.id(),
        () ->
            queue
                .termSoon()
                .compose(now -> owned(now, cancel.id()))
                .compose(now -> cancel(now, cancel.id(), "cancelled by " + cancel.by())));
  }

  private Future<Task> cancel(QueueTerm now, long id, String why) {
    now.offer(new Cancelling(id));
    return untilKnown(now, () -> store.cancel(server, now.number(), id, why))
        .compose(
            known ->
                switch (known) {
                  case Known.Answered<Optional<Cancellation>>(var decided, var wasDoubtful) ->
                      cancelled(now, id, decided, wasDoubtful);
                  case Known.Failed<Optional<Cancellation>> failed ->
                      undecided(now, new NotCancelled(id), failed);
                });
  }

  private Future<Task> cancelled(
      QueueTerm now, long id, Optional<Cancellation> decided, boolean wasDoubtful) {
    Optional<Cancellation> own =
        decided
            .filter(done -> done.state() == State.CANCELLED)
            .filter(done -> done.news() || wasDoubtful);
    now.offer(own.isPresent() ? new Cancelled(id, own.get().kind()) : new NotCancelled(id));
    return decided
        .map(done -> cancelled(id, done.state()))
        .orElseGet(() -> Future.failedFuture(elsewhere(id)));
  }

  private Future<Task> cancelled(long id, State state) {
    return state == State.CANCELLED
        ? read(id)
        : Future.failedFuture(
            new Refused(
                Failure.Kind.CONFLICT,
                "task-ended",
                "Task " + id + " has ended: it is " + state + ", and stays so."));
  }

  /** The retried task; CONFLICT if it is not DEAD, or not after this attempt. */
  public Future<Task> retry(TryAgain again) {
    return oneByOne(
        again.id(),
        () ->
            queue
                .termSoon()
                .compose(now -> owned(now, again.id()))
                .compose(now -> retry(now, again.id(), again.lastAttempt())));
  }

  private Future<Task> retry(QueueTerm now, long id, int lastAttempt) {
    now.offer(new Retrying(id));
    return untilKnown(now, () -> store.retry(server, now.number(), id, lastAttempt))
        .compose(
            known ->
                switch (known) {
                  case Known.Answered<Optional<RetryOutcome>>(var decided, var wasDoubtful) -> {
                    now.offer(retried(now, id, decided, wasDoubtful));
                    yield decided
                        .map(done -> retried(id, lastAttempt, done))
                        .orElseGet(() -> Future.failedFuture(elsewhere(id)));
                  }
                  case Known.Failed<Optional<RetryOutcome>> failed ->
                      undecided(now, new NotRetried(id), failed);
                });
  }

  private static DispatchInput retried(
      QueueTerm now, long id, Optional<RetryOutcome> decided, boolean doubtful) {
    TaskStore.Pending task = decided.map(RetryOutcome::task).orElse(null);
    if (task == null) {
      return new NotRetried(id);
    }
    boolean own = decided.get().news() || doubtful;
    if (own) {
      now.retried();
    }
    return new Retried(QueuedTask.of(task), !own);
  }

  private Future<Task> retried(long id, int lastAttempt, RetryOutcome done) {
    return done.news() || done.attempt() > lastAttempt
        ? read(id)
        : Future.failedFuture(
            new Refused(
                Failure.Kind.CONFLICT,
                "task-not-dead",
                "Task "
                    + id
                    + " is "
                    + done.state()
                    + " at attempt "
                    + done.attempt()
                    + ": only a DEAD task is retried."));
  }

  private Future<Task> read(long id) {
    return store.read(id).map(task -> task.orElseThrow(() -> gone(id)));
  }

  private static Refused gone(long id) {
    return new Refused(
        Failure.Kind.NOT_FOUND, "task-not-found", "There is no task " + id + " any more.");
  }

  private Future<QueueTerm> owned(QueueTerm now, long id) {
    return now.owns(id) ? Future.succeededFuture(now) : Future.failedFuture(elsewhere(id));
  }

  private Refused elsewhere(long id) {
    return new Refused(
        new Failure(
            Failure.Kind.UNAVAILABLE,
            "not-the-owner",
            server
                + " does not have task "
                + id
                + ", or is still adopting it from a server that died; nothing happened."
                + " Try again in a second.",
            1000));
  }

  /** Until the term is over: then the next one reads what was decided. */
  private <T> Future<Known<T>> untilKnown(QueueTerm now, Supplier<Future<T>> decision) {
    return RetryUntilKnown.ask(timers, decision, () -> !now.closed(), unknown -> {});
  }

  /** The queue goes on as if nobody had asked. */
  private Future<Task> undecided(QueueTerm now, DispatchInput not, Known.Failed<?> failed) {
    now.offer(not);
    now.checkFence(failed.why());
    return Future.failedFuture(told(failed.why(), failed.wasDoubtful()));
  }

  private Throwable told(Throwable error, boolean doubtful) {
    if (!Refused.isFenced(error) && !doubtful) {
      return error;
    }
    return doubtful
        ? new Refused(
            Failure.Kind.UNKNOWN,
            "outcome-unknown",
            "It may have happened: read the task, or repeat the request, which does nothing twice.")
        : new Refused(
            new Failure(
                Failure.Kind.UNAVAILABLE,
                "not-the-owner",
                server + " takes a new term; nothing happened. Try again in a second.",
                1000));
  }

  private <T> Future<T> oneByOne(long id, Supplier<Future<T>> request) {
    Future<?> before = underWay.get(id);
    if (underWay.size() >= MAX_UNDER_WAY || before != null) {
      return Future.failedFuture(
          new Refused(
              new Failure(
                  Failure.Kind.BUSY,
                  "busy",
                  before == null
                      ? "Too many requests about tasks are under way; try again in 200 ms."
                      : "Another request about task " + id + " is under way; try again in 200 ms.",
                  200)));
    }
    Future<T> asked = request.get();
    underWay.put(id, asked);
    return asked.onComplete(done -> underWay.remove(id, asked));
  }
}
