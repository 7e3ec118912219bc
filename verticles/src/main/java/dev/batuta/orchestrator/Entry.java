package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.RunningTask;
import dev.batuta.orchestrator.DispatchEffect.Lost;
import dev.batuta.task.Kinds;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An unfinished task in the memory of its owner. Only {@link Dispatch} changes it, in place: a
 * queue of millions cannot be copied for each step.
 */
public final class Entry {
  /** Order of those that wait for an instant. */
  static final Comparator<Entry> BY_DUE =
      Comparator.<Entry>comparingLong(entry -> entry.dueMillis)
          .thenComparingLong(entry -> entry.id);

  /** Order of those that run against a deadline. */
  static final Comparator<Entry> BY_DEADLINE =
      Comparator.<Entry>comparingLong(entry -> entry.deadlineMillis)
          .thenComparingLong(entry -> entry.id);

  /** Where a task is between its acceptance and its end. */
  enum Place {
    /** In a lane, may be sent at any time. */
    READY,
    /** Waits for an instant: not-before, or the back-off after an attempt. */
    LATER,
    /** With a worker. */
    RUNNING,
    /** The end of an attempt is being persisted. */
    SETTLING
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

  /** Whether it waits because an attempt failed. */
  boolean failed;

  /** Whether an attempt of it was lost with its worker; nothing that outlives this term. */
  boolean lostWithWorker;

  @Nullable FarmHand hand;

  /** Its place in the order of those that wait in {@link Lanes}. */
  long turn;

  /** Its neighbours in a {@link Lane}. */
  @Nullable Entry before;

  @Nullable Entry after;

  /**
   * A task as it was accepted, or as it is resumed.
   *
   * @param priority 0 to 9, higher first
   * @param notBeforeMillis earliest instant of its first run, 0 for at once
   * @param timeoutMillis longest time that one attempt may take, 0 for no limit
   * @param attempt number of the next attempt, from 1
   */
  public Entry(
      long id,
      Payload payload,
      int priority,
      long notBeforeMillis,
      long timeoutMillis,
      int attempt,
      int maxAttempts) {
    if (priority < 0 || priority >= Lanes.PRIORITIES) {
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
  }

  /** A task as it is resumed. */
  static Entry of(TaskStore.Pending task) {
    return new Entry(
        task.id(),
        task.payload(),
        task.priority(),
        task.notBeforeMillis(),
        task.timeoutMillis(),
        task.attempt(),
        task.maxAttempts());
  }

  /** The task's id. */
  public long id() {
    return id;
  }

  /** Where it runs, if it does. */
  Optional<RunningTask> run() {
    FarmHand with = hand;
    return with == null
        ? Optional.empty()
        : Optional.of(new RunningTask(id, attempt, with.name, startedAtMillis));
  }

  /** Its attempt with a worker is over without a result. */
  Lost lost(FarmHand with, String why) {
    return new Lost(id, attempt, with.name, why, startedAtMillis);
  }

  /** Name of the kind, as clients write it. */
  public String kind() {
    return payload.kind();
  }
}
