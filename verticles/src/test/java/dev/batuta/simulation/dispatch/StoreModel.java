package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.task.TaskId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the database, and what all procedures share: rows of tasks, their outcomes, the
 * terms of queues and their fence. {@link TaskProcedures}, {@link QueueProcedures} and {@link
 * LedgerProcedures} change them. The contracts of the stores are run against them as against the
 * real database.
 */
public final class StoreModel {
  /** A task, the number of its next run, and how it ended. */
  static final class Row {
    final long id;
    final String user;
    final NewTask task;
    final long createdAtMillis;
    int maxAttempts;
    int attempt = 1;
    boolean failed;
    @Nullable String error;
    @Nullable Ended ended;

    Row(long id, String user, NewTask task, long createdAtMillis) {
      this.id = id;
      this.user = user;
      this.task = task;
      this.createdAtMillis = createdAtMillis;
      this.maxAttempts = task.maxAttempts();
    }

    State state() {
      return ended != null ? ended.state : failed ? State.FAILED : State.PENDING;
    }
  }

  /** An outcome. */
  record Ended(
      State state,
      int attempt,
      @Nullable String worker,
      @Nullable Result result,
      @Nullable String error,
      long startedAtMillis,
      long finishedAtMillis) {}

  /** A term of a server, in force or over. */
  static final class Term {
    final long number;
    String server;
    long dispatchedTo;
    long compactedTo;
    long carrier;
    Map<State, Long> counts = counts();

    Term(long number, String server) {
      this.number = number;
      this.server = server;
      this.dispatchedTo = TaskId.of(number, 0);
      this.compactedTo = TaskId.of(number, 0);
      this.carrier = number;
    }

    static Map<State, Long> counts() {
      Map<State, Long> counts = new EnumMap<>(State.class);
      Stream.of(State.values())
          .filter(state -> state != State.RUNNING)
          .forEach(state -> counts.put(state, 0L));
      return counts;
    }
  }

  /** The queue of a server. */
  static final class Queue {
    long term;
    @Nullable String heir;
  }

  /** What was submitted under an idempotency key. */
  record Used(List<NewTask> tasks, long firstId, long atMillis) {}

  final TreeMap<Long, Row> rows = new TreeMap<>();
  final TreeMap<Long, Term> terms = new TreeMap<>();
  final TreeMap<String, Queue> queues = new TreeMap<>();
  final Map<List<String>, Used> keys = new HashMap<>();
  final LongSupplier now;
  final Witness witness;
  final Mutation mutation;

  /** How far a term was ever allowed to dispatch the tasks of another: (term, of) to id. */
  private final Map<List<Long>, Long> marks = new HashMap<>();

  private long ageMillis;

  public StoreModel() {
    this(System::currentTimeMillis, Witness.NOBODY, Mutation.NONE);
  }

  StoreModel(LongSupplier now, Witness witness, Mutation mutation) {
    this.now = now;
    this.witness = witness;
    this.mutation = mutation;
  }

  /** Makes all idempotency keys older. */
  public void ageKeys(long millis) {
    ageMillis += millis;
  }

  long ageMillis(Used used) {
    return now.getAsLong() + ageMillis - used.atMillis();
  }

  // --- the fence

  void guard(String server, long term) {
    Queue queue = queues.get(server);
    long inForce = queue == null ? 0 : queue.term;
    if (inForce != term && mutation != Mutation.TERMS_ARE_NOT_FENCED) {
      throw fenced("term " + term + " of " + server + " is over: " + inForce + " is in force");
    }
  }

  static Refused fenced(String why) {
    return new Refused(Kind.FENCED, "old-term", "Refused: " + why);
  }

  static Refused invalid(String why) {
    return new Refused(Kind.INVALID, "invalid", why);
  }

  // --- tasks

  Row row(long id) {
    return Objects.requireNonNull(rows.get(id), () -> "task " + id + " was never accepted");
  }

  Term term(long number) {
    return Objects.requireNonNull(terms.get(number), () -> "no term " + number);
  }

  Stream<Row> rowsOf(long term) {
    return rows
        .subMap(TaskId.of(term, 0), false, TaskId.of(term, TaskId.MAX_COUNTER), true)
        .values()
        .stream();
  }

  void end(Row row, Ended ended, long term) {
    if (row.ended != null && mutation == Mutation.NONE) {
      throw new IllegalStateException("duplicate outcome of " + row.id);
    }
    row.ended = ended;
    witness.ended(row.id, ended.state(), ended.attempt(), term);
  }

  /** The present attempt is over: another follows, or none. */
  void giveUp(Row row, String error, long term) {
    boolean more = row.attempt < row.maxAttempts;
    row.error = error;
    row.failed = true;
    if (more) {
      row.attempt = mutation == Mutation.ATTEMPTS_ARE_REUSED ? 1 : row.attempt + 1;
      witness.attempted(row.id, row.attempt);
    } else {
      end(row, new Ended(State.DEAD, row.attempt, null, null, error, 0, now.getAsLong()), term);
    }
  }

  /** A dead task gets as many attempts again as it had at first. */
  void retry(Row row, int next) {
    row.maxAttempts = next - 1 + row.task.maxAttempts();
    row.attempt = mutation == Mutation.ATTEMPTS_ARE_REUSED ? 1 : next;
    row.failed = true;
    row.ended = null;
    witness.retried(row.id, row.attempt);
  }

  void mark(long under, long throughId) {
    if (mutation != Mutation.MARKS_ARE_NOT_WRITTEN) {
      marks.merge(List.of(under, TaskId.term(throughId)), throughId, Math::max);
    }
  }

  /** Nothing that was dispatched under a term is outstanding, nor will more be. */
  void voidDispatched(String server, long term) {
    terms.values().stream()
        .filter(each -> each.server.equals(server) && each.carrier == term)
        .forEach(each -> each.dispatchedTo = TaskId.of(each.number, 0));
  }

  /** Whether a mark that this task may have been dispatched was ever committed under a term. */
  boolean marked(long under, long id) {
    return id <= marks.getOrDefault(List.of(under, TaskId.term(id)), 0L);
  }

  Task task(Row row) {
    Ended ended = row.ended;
    Result result = ended == null ? null : ended.result;
    return new Task(
        row.id,
        row.user,
        row.task.payload(),
        row.state(),
        ended == null ? row.attempt : ended.attempt,
        row.maxAttempts,
        row.task.priority(),
        term(TaskId.term(row.id)).server,
        ended == null ? null : ended.worker,
        result,
        result != null ? null : ended == null ? row.error : ended.error,
        row.createdAtMillis,
        ended == null ? 0 : ended.startedAtMillis,
        ended == null ? 0 : ended.finishedAtMillis,
        row.task.notBeforeMillis(),
        row.task.timeoutMillis(),
        keyOf(row.id),
        null);
  }

  private @Nullable String keyOf(long id) {
    for (var each : keys.entrySet()) {
      Used used = each.getValue();
      if (id >= used.firstId() && id < used.firstId() + used.tasks().size()) {
        return each.getKey().getLast();
      }
    }
    return null;
  }

  /** Tasks that have not ended. */
  List<Row> unended() {
    List<Row> unended = new ArrayList<>();
    for (Row row : rows.values()) {
      if (row.ended == null) {
        unended.add(row);
      }
    }
    return unended;
  }
}
