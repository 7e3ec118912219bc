package dev.batuta.orchestrator.dispatch;

import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.HeldTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Cause;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.task.Kinds;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An unfinished task in the memory of its owner. Only {@link Dispatch} changes it, in place: a
 * queue of millions cannot be copied for each step.
 */
public final class QueuedTask {
  /** Order of those that wait for an instant. */
  static final Comparator<QueuedTask> BY_DUE =
      Comparator.<QueuedTask>comparingLong(task -> task.dueMillis)
          .thenComparingLong(task -> task.id);

  /** Order of those that run against a deadline. */
  static final Comparator<QueuedTask> BY_DEADLINE =
      Comparator.<QueuedTask>comparingLong(task -> task.deadlineMillis)
          .thenComparingLong(task -> task.id);

  /** Where a task is between its acceptance and its end. */
  enum Place {
    /** In a list, may be sent at any time. */
    READY,
    /** Waits for an instant: not-before, or the back-off after an attempt. */
    LATER,
    /** With a worker. */
    RUNNING,
    /** The end of an attempt is being persisted. */
    PERSISTING
  }

  final long id;
  final Payload payload;

  /** Whether every worker takes its kind. */
  final boolean common;

  final int weight;
  final int priority;
  final long timeoutMillis;
  final int maxAttempts;

  Place place = Place.READY;
  int attempt;
  long dueMillis;
  long deadlineMillis;
  long startedAtMillis;

  /** Since when it could be sent, or from when it can: what came back unbegun counts on. */
  long readyAtMillis;

  /** Whether it waits because an attempt failed. */
  boolean failed;

  /** Whether an attempt of it was lost with its worker; nothing that outlives this term. */
  boolean lostWithWorker;

  /** Null outside of a trace. */
  final @Nullable TaskTrace trace;

  @Nullable FarmWorker worker;

  /** Its place in the order of those that wait in {@link ReadyQueue}. */
  long turn;

  /** Its neighbours in a {@link FifoList}. */
  @Nullable QueuedTask before;

  @Nullable QueuedTask after;

  /** A task outside of a trace. */
  public QueuedTask(
      long id,
      Payload payload,
      int priority,
      long notBeforeMillis,
      long timeoutMillis,
      int attempt,
      int maxAttempts) {
    this(id, payload, priority, notBeforeMillis, timeoutMillis, attempt, maxAttempts, null);
  }

  /**
   * A task as it was accepted, or as it is resumed.
   *
   * @param priority 0 to 9, higher first
   * @param notBeforeMillis earliest instant of its first run, 0 for at once
   * @param timeoutMillis longest time that one attempt may take, 0 for no limit
   * @param attempt number of the next attempt, from 1
   */
  public QueuedTask(
      long id,
      Payload payload,
      int priority,
      long notBeforeMillis,
      long timeoutMillis,
      int attempt,
      int maxAttempts,
      @Nullable TaskTrace trace) {
    if (priority < 0 || priority >= ReadyQueue.PRIORITIES) {
      throw new IllegalArgumentException("priority " + priority + " of task " + id + " is not 0-9");
    }
    this.id = id;
    this.payload = payload;
    this.common = Kinds.COMMON.contains(payload.kind());
    this.weight = Weight.of(payload);
    this.priority = priority;
    this.dueMillis = notBeforeMillis;
    this.timeoutMillis = timeoutMillis;
    this.attempt = attempt;
    this.maxAttempts = maxAttempts;
    this.trace = trace;
  }

  /** A task as it is resumed. */
  public static QueuedTask of(TaskStore.Pending task) {
    return new QueuedTask(
        task.id(),
        task.payload(),
        task.priority(),
        task.notBeforeMillis(),
        task.timeoutMillis(),
        task.attempt(),
        task.maxAttempts(),
        task.traceparent() == null
            ? null
            : new TaskTrace(task.traceparent(), task.createdAtMillis()));
  }

  /** The task's id. */
  public long id() {
    return id;
  }

  /** Of one in a trace, since when it could have run; milliseconds since 1970. */
  public long readySinceMillis() {
    return trace == null ? dueMillis : Math.max(trace.acceptedAtMillis(), dueMillis);
  }

  /** Where it runs, if it does. */
  Optional<RunningTask> run() {
    FarmWorker with = worker;
    return with == null
        ? Optional.empty()
        : Optional.of(new RunningTask(id, attempt, with.name, startedAtMillis));
  }

  /**
   * How a task stands in a checkpoint.
   *
   * @param held the same in memory, null when it is only in the store
   */
  public static HeldTask held(TaskStore.Pending stored, @Nullable QueuedTask held) {
    FarmWorker with = held == null ? null : held.worker;
    return new HeldTask(
        stored.id(),
        stored.payload().kind(),
        held == null ? TaskMessage.Place.STORED : shown(held.place),
        held == null ? stored.attempt() : held.attempt,
        stored.maxAttempts(),
        stored.priority(),
        held == null ? stored.notBeforeMillis() : held.dueMillis,
        with == null ? null : with.name,
        with == null || held == null ? 0 : held.startedAtMillis);
  }

  private static TaskMessage.Place shown(Place place) {
    return switch (place) {
      case READY -> TaskMessage.Place.READY;
      case LATER -> TaskMessage.Place.LATER;
      case RUNNING -> TaskMessage.Place.RUNNING;
      case PERSISTING -> TaskMessage.Place.SETTLING;
    };
  }

  /** Its attempt with a worker is over without a result. */
  Lost lost(FarmWorker with, Cause cause, String why) {
    return new Lost(id, attempt, with.name, cause, why, startedAtMillis);
  }

  /** Another attempt follows, at an instant. */
  void failed(int nextAttempt, long nextDueMillis) {
    attempt = nextAttempt;
    dueMillis = nextDueMillis;
    readyAtMillis = nextDueMillis;
    failed = true;
  }

  /** Name of the kind, as clients write it. */
  public String kind() {
    return payload.kind();
  }
}
