package dev.batuta.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What clients, by way of the gateways, say to the orchestrator of a server. */
public sealed interface TaskMessage extends Message {

  /** Of a task. Only appended to. */
  enum State {
    PENDING,
    RUNNING,
    DONE,
    /** An attempt failed; another follows. */
    FAILED,
    DEAD,
    CANCELLED;

    /** Whether nothing follows. */
    public boolean isFinal() {
      return this == DONE || this == DEAD || this == CANCELLED;
    }
  }

  /** How the ledger decided. Only appended to. */
  enum Status {
    OK,
    NOK
  }

  /** What an UPDATE does with its amount. Only appended to. */
  enum Operation {
    SET,
    DEPOSIT,
    WITHDRAW
  }

  /** What a task is to do. */
  sealed interface Payload {
    /** Name of the kind, as clients write it: {@code A-Z}, digits and {@code _}. */
    String kind();
  }

  /** The balance of a user. */
  @Type(50)
  record Query(String user) implements Payload {
    @Override
    public String kind() {
      return "QUERY";
    }
  }

  /** A change of one balance; the amount is a decimal text with at most two decimals. */
  @Type(51)
  record Update(String user, Operation operation, String amount) implements Payload {
    @Override
    public String kind() {
      return "UPDATE";
    }
  }

  /** From one balance to another; the amount as in {@link Update}, above 0. */
  @Type(52)
  record Transfer(String from, String to, String amount) implements Payload {
    @Override
    public String kind() {
      return "TRANSFER";
    }
  }

  /**
   * Takes time, and nothing else.
   *
   * @param durationMillis 0 to {@link #MAX_DURATION_MILLIS}
   * @param crash whether it kills the worker that runs its first attempt
   * @param given the object in which a client of the task platform said so, with all else that it
   *     holds, as text of at most {@link #MAX_JSON_BYTES}; null where it came by another way
   */
  @Type(53)
  record Compute(long durationMillis, boolean crash, @Nullable String given) implements Payload {
    /** One day. */
    public static final long MAX_DURATION_MILLIS = 86_400_000;

    /** One that says no more than this. */
    public Compute(long durationMillis, boolean crash) {
      this(durationMillis, crash, null);
    }

    @Override
    public String kind() {
      return "COMPUTE";
    }
  }

  /** For workers in other languages; any JSON, as text, of at most {@link #MAX_JSON_BYTES}. */
  @Type(54)
  record External(String json) implements Payload {
    @Override
    public String kind() {
      return "EXTERNAL";
    }
  }

  /**
   * Of a kind that users added, or that this version does not know.
   *
   * @param json an object, as text, of at most {@link #MAX_JSON_BYTES}
   */
  @Type(56)
  record Custom(String kind, String json) implements Payload {}

  /** Bound of a payload of JSON, and of a result of JSON, in bytes of UTF-8. */
  int MAX_JSON_BYTES = 16 << 10;

  /** One task as it is submitted; 0 stands for the default of a number. */
  @Type(55)
  record NewTask(
      Payload payload, int priority, long notBeforeMillis, long timeoutMillis, int maxAttempts) {}

  /**
   * Tasks that are accepted together or not at all.
   *
   * @param user who submits
   * @param key idempotency key for them all, null without
   */
  @Type(60)
  record Submit(String user, @Nullable String key, List<NewTask> tasks) implements TaskMessage {}

  /** They are committed. */
  @Type(61)
  record Accepted(List<Long> ids, boolean repeated) implements TaskMessage {}

  /** Reads a task; with {@code waitMillis} above 0 answers when it is final or the time is over. */
  @Type(62)
  record Read(long id, long waitMillis) implements TaskMessage {}

  /**
   * What came of a task.
   *
   * @param status how the ledger decided; OK for what is not the ledger's
   * @param balance of a ledger's result, a decimal text; null where there is none
   * @param json of what is not the ledger's: its result as JSON, of at most {@link
   *     #MAX_JSON_BYTES}; null for the ledger's
   */
  @Type(63)
  record Result(
      Status status, @Nullable String balance, @Nullable String error, @Nullable String json) {
    /** A ledger's result. */
    public Result(Status status, @Nullable String balance, @Nullable String error) {
      this(status, balance, error, null);
    }

    /** The result of what is not the ledger's. */
    public static Result ofJson(String json) {
      return new Result(Status.OK, null, null, json);
    }
  }

  /**
   * A task as it is read; instants are milliseconds since 1970 of the database, 0 for not yet.
   *
   * @param notBeforeMillis before which it does not run, 0 for none, and from a server that does
   *     not say it
   * @param timeoutMillis of one attempt, as {@code notBeforeMillis}
   * @param idempotencyKey of its submission while that is kept, null without, and as {@code
   *     notBeforeMillis}
   * @param traceparent where its submission is in a trace, as the header of that name says it; null
   *     outside of one, and as {@code notBeforeMillis}
   */
  @Type(64)
  record Task(
      long id,
      String user,
      Payload payload,
      State state,
      int attempt,
      int maxAttempts,
      int priority,
      String owner,
      @Nullable String worker,
      @Nullable Result result,
      @Nullable String error,
      long createdAtMillis,
      long startedAtMillis,
      long finishedAtMillis,
      long notBeforeMillis,
      long timeoutMillis,
      @Nullable String idempotencyKey,
      @Nullable String traceparent)
      implements TaskMessage {
    /** This, with the key of its submission. */
    public Task withKey(@Nullable String key) {
      return new Task(
          id,
          user,
          payload,
          state,
          attempt,
          maxAttempts,
          priority,
          owner,
          worker,
          result,
          error,
          createdAtMillis,
          startedAtMillis,
          finishedAtMillis,
          notBeforeMillis,
          timeoutMillis,
          key,
          traceparent);
    }
  }

  /**
   * A page of tasks in the order of their ids.
   *
   * @param user whose, null for everybody's
   * @param after id of the last one of the page before, 0 for the first page
   */
  @Type(65)
  record ListTasks(
      @Nullable String user, @Nullable State state, @Nullable String kind, long after, int limit)
      implements TaskMessage {}

  /** The page; {@code next} is the value for {@code after}, 0 at the end. */
  @Type(66)
  record TaskPage(List<Task> items, long next) implements TaskMessage {}

  /** Asks an owner which of its tasks run, and where; for lists. */
  @Type(67)
  record AskRunning() implements TaskMessage {}

  /** What runs at this moment. */
  @Type(68)
  record Running(List<RunningTask> tasks) implements TaskMessage {}

  @Type(69)
  record RunningTask(long id, int attempt, String worker, long startedAtMillis) {}

  /** Asks a server for its counts of tasks by state. */
  @Type(70)
  record AskCounts() implements TaskMessage {}

  /**
   * Tasks of the queue of one server by state, and its workers.
   *
   * @param recent the last tasks that ended here, the newest last; a sample for who looks on
   * @param heirOf servers whose tasks are counted here, and not there, until they come back
   */
  @Type(71)
  record Counts(
      List<StateCount> states, List<WorkerView> workers, List<Recent> recent, List<String> heirOf)
      implements TaskMessage {}

  @Type(72)
  record StateCount(State state, long count) {}

  /**
   * A worker as its master lists it.
   *
   * @param kinds empty from a server that knows of none but QUERY and UPDATE
   * @param registration under which it serves this master: of two masters that list it the one with
   *     the higher number is right; 0 from a server that does not say it
   */
  @Type(73)
  record WorkerView(
      String id,
      String home,
      String master,
      int outstanding,
      int credits,
      List<String> kinds,
      long registration) {}

  /**
   * A task that ended.
   *
   * @param error why it is DEAD, in few words; null otherwise, and from a server that does not say
   *     it
   */
  @Type(74)
  record Recent(
      long id,
      String kind,
      State state,
      String worker,
      @Nullable Result result,
      @Nullable String error) {}

  /**
   * The tasks of a server were given to the receiver, who may adopt them now.
   *
   * @param epoch of the coordinator who gave those of a dead one; 0 from a server that gives its
   *     own
   */
  @Type(75)
  record Inherit(String from, long epoch) implements TaskMessage {}

  /**
   * Asks the owner of a task to cancel it; answered by the task, CANCELLED. Asked again it answers
   * the same.
   *
   * @param by who wants it, for people who read the task later
   */
  @Type(76)
  record Cancel(long id, String by) implements TaskMessage {}

  /**
   * Asks the owner of a DEAD task to give it as many attempts again; answered by the task.
   *
   * @param lastAttempt the last attempt of the dead task: asked again, after the first answer was
   *     lost, nothing more is given
   */
  @Type(77)
  record TryAgain(long id, int lastAttempt) implements TaskMessage {}

  /** Where an unfinished task is at its owner. Only appended to. */
  enum Place {
    /** In the database only; there is no room for it in memory, or its instant is far. */
    STORED,
    /** Waits for a worker. */
    READY,
    /** Waits for an instant: not-before, or the pause after an attempt. */
    LATER,
    /** With a worker. */
    RUNNING,
    /** The end of an attempt is being written down. */
    SETTLING
  }

  /**
   * Asks an owner for its state, and for a page of its unfinished tasks.
   *
   * @param after id of the last one of the page before, 0 for the first page
   * @param limit at most {@link #MAX_CHECKPOINT_PAGE}
   */
  @Type(78)
  record AskCheckpoint(long after, int limit) implements TaskMessage {}

  /** Bound of a page of a {@link Checkpoint}. */
  int MAX_CHECKPOINT_PAGE = 1000;

  /**
   * The state of an owner at this moment; its unfinished tasks in the order of their ids.
   *
   * @param next the value for {@code after}, 0 at the end
   */
  @Type(79)
  record Checkpoint(String server, long term, Counts counts, List<HeldTask> tasks, long next)
      implements TaskMessage {}

  /**
   * An unfinished task at its owner.
   *
   * @param attempt that runs, or runs next
   * @param dueMillis before which it does not run, milliseconds since 1970; 0 for none
   * @param worker that it is with, null without one
   * @param startedAtMillis since when, 0 if it does not run
   */
  @Type(49)
  record HeldTask(
      long id,
      String kind,
      Place place,
      int attempt,
      int maxAttempts,
      int priority,
      long dueMillis,
      @Nullable String worker,
      long startedAtMillis) {}
}
