package dev.batuta.orchestrator.store;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.TaskStore.AdoptedTerm;
import dev.batuta.orchestrator.store.TaskStore.Cancellation;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.orchestrator.store.TaskStore.RetryOutcome;
import dev.batuta.orchestrator.store.TaskStore.Standing;
import dev.batuta.task.TaskId;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reading tasks: the statements, and what their rows mean. */
final class TaskRows {

  /**
   * A task with what became of it. Ids come first, in a subselect that is bounded and that an index
   * answers; the rest is looked up by them.
   */
  private static final String TASKS =
      """
      SELECT STRAIGHT_JOIN t.id, t.user, t.kind, t.payload, t.priority, t.not_before, t.timeout,
          t.max_attempts, t.created_at, m.server, a.attempt AS next_attempt, a.state AS attempt_state,
          a.error AS attempt_error, o.state, o.attempt, o.worker, o.status, o.balance, o.error,
          o.started_at, o.finished_at, o.result, t.traceparent%2$s
      FROM (%1$s) p
          JOIN task t ON t.id = p.id
          JOIN term m ON m.term = t.id >> 32
          LEFT JOIN attempt a ON a.id = t.id
          LEFT JOIN outcome o ON o.id = t.id
      ORDER BY t.id
      """;

  static final String BY_IDS =
      tasks("SELECT j.id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j");

  /** One, with its key; its id is each parameter. */
  static final String BY_ID =
      TASKS.formatted(
          "SELECT CAST(? AS SIGNED) AS id", ", " + SubmissionKeys.OF_ONE + " AS idempotency_key");

  static Tuple byId(long id) {
    return Tuple.of(id, id, id);
  }

  static final String STANDING =
      """
      SELECT COALESCE((SELECT term FROM queue WHERE server = ?), 0) AS term,
          (SELECT COUNT(*) FROM term FORCE INDEX (term_server) WHERE server = ?) AS terms,
          (SELECT GROUP_CONCAT(server ORDER BY server) FROM queue WHERE heir = ?) AS heir_of
      """;

  /** Of the term in force of a server. */
  static final String OWN_TAIL =
      "SELECT m.term, m.settled_to FROM queue q JOIN term m ON m.term = q.term WHERE q.server = ?";

  /** Of all terms in force, and of those that wait to be adopted. */
  static final String TAILS =
      "SELECT term, settled_to FROM term WHERE settled_to < (term << 32 | 4294967295) ORDER BY"
          + " term";

  private TaskRows() {}

  private static String tasks(String ids) {
    return TASKS.formatted(ids, "");
  }

  /** A statement and its parameters. */
  record Statement(String sql, List<Object> parameters) {}

  /** Consecutive ids of one user and one kind. */
  record Run(long first, long last) {}

  /** How far the tasks of a term are compacted. */
  record Tail(long term, long compactedTo) {
    long last() {
      return TaskId.of(term, TaskId.MAX_COUNTER);
    }
  }

  /** Unended tasks of one server, under its term in force and of those that it has adopted. */
  static Statement unfinished(
      String server, Tail tail, Collection<String> kinds, long after, int limit) {
    List<Object> parameters = new ArrayList<>(List.of(server, tail.term(), after, limit));
    StringBuilder ids =
        new StringBuilder(
            """
            (SELECT s.id FROM straggler s FORCE INDEX (PRIMARY)
                STRAIGHT_JOIN term m FORCE INDEX (PRIMARY) ON m.term = s.id >> 32
                LEFT JOIN outcome o FORCE INDEX (PRIMARY) ON o.id = s.id
            WHERE m.server = ? AND m.carrier = ? AND s.id > ? AND o.id IS NULL ORDER BY s.id LIMIT ?)
            """);
    append(ids, parameters, tail, "", List.of(), after, Long.MAX_VALUE, limit);
    return withPayloadOf(kinds, ordered(ids, parameters, limit));
  }

  /** With the payloads of these kinds only; of all where none is named. */
  private static Statement withPayloadOf(Collection<String> kinds, Statement all) {
    if (kinds.isEmpty()) {
      return all;
    }
    List<Object> parameters = new ArrayList<>(kinds);
    parameters.addAll(all.parameters());
    String marks = String.join(", ", Collections.nCopies(kinds.size(), "?"));
    String payload = "IF(t.kind IN (" + marks + "), t.payload, '') AS payload";
    return new Statement(all.sql().replace("t.payload", payload), parameters);
  }

  /** A page of a list, of ids up to {@code through}. */
  static Statement list(Filter filter, List<Tail> tails, long after, long through, int limit) {
    String user = filter.user();
    String kind = filter.kind();
    List<Object> values = new ArrayList<>();
    String conditions = "";
    if (user != null) {
      conditions += " AND t.user = ?";
      values.add(user);
    }
    if (kind != null) {
      conditions += " AND t.kind = ?";
      values.add(kind);
    }
    State state = filter.state();
    if (state == State.PENDING) {
      return pending(conditions, values, tails, after, through, limit);
    }
    List<Object> parameters = new ArrayList<>();
    String ids;
    if (state == State.FAILED || state == State.DEAD || state == State.CANCELLED) {
      ids =
          "SELECT STRAIGHT_JOIN a.id FROM attempt a FORCE INDEX (attempt_state)"
              + " JOIN task t ON t.id = a.id WHERE a.state = ? AND a.id > ? AND a.id <= ?"
              + conditions
              + " ORDER BY a.id LIMIT ?";
      parameters.add(state.name());
    } else {
      String from =
          state == State.DONE
              ? "outcome o FORCE INDEX (PRIMARY) JOIN task t ON t.id = o.id AND o.state = 'DONE'"
              : "task t FORCE INDEX (PRIMARY)";
      String id = state == State.DONE ? "o.id" : "t.id";
      ids =
          "SELECT STRAIGHT_JOIN t.id FROM %1$s WHERE %2$s > ? AND %2$s <= ? %3$s ORDER BY %2$s LIMIT ?"
              .formatted(from, id, conditions);
    }
    parameters.add(after);
    parameters.add(through);
    parameters.addAll(values);
    parameters.add(limit);
    return new Statement(tasks(ids), parameters);
  }

  /**
   * Runs that a filter by user or kind lets through, in their order, from the one on that may hold
   * {@code after}.
   */
  static Statement runs(Filter filter, long after) {
    boolean byUser = filter.user() != null;
    String index = byUser ? "task_run_user" : "task_run_kind";
    String column = byUser ? "user" : "kind";
    Object value = Objects.requireNonNull(byUser ? filter.user() : filter.kind());
    List<Object> parameters = new ArrayList<>(List.of(value, value, after, after));
    String kind = "";
    if (byUser && filter.kind() != null) {
      kind = " AND kind = ?";
      parameters.add(filter.kind());
    }
    parameters.add(RunScan.MAX_RUNS);
    return new Statement(
        """
        SELECT first_id, last_id FROM task_run FORCE INDEX (%1$s)
        WHERE %2$s = ? AND first_id >= COALESCE((SELECT MAX(first_id) FROM task_run FORCE INDEX (%1$s)
            WHERE %2$s = ? AND first_id <= ?), 0) AND last_id > ?%3$s
        ORDER BY first_id LIMIT ?
        """
            .formatted(index, column, kind),
        parameters);
  }

  static Run run(Row row) {
    return new Run(row.getLong(0), row.getLong(1));
  }

  private static Statement pending(
      String conditions,
      List<Object> values,
      List<Tail> tails,
      long after,
      long through,
      int limit) {
    List<Object> parameters = new ArrayList<>();
    StringBuilder ids =
        new StringBuilder(
            """
            (SELECT s.id FROM straggler s STRAIGHT_JOIN task t ON t.id = s.id
                LEFT JOIN outcome o ON o.id = s.id LEFT JOIN attempt a ON a.id = s.id
            WHERE s.id > ? AND s.id <= ? AND o.id IS NULL AND a.id IS NULL\
            """);
    ids.append(conditions).append(" ORDER BY s.id LIMIT ?)\n");
    parameters.add(after);
    parameters.add(through);
    parameters.addAll(values);
    parameters.add(limit);
    String neverTried = conditions + " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = t.id)";
    tails.forEach(tail -> append(ids, parameters, tail, neverTried, values, after, through, limit));
    return ordered(ids, parameters, limit);
  }

  private static void append(
      StringBuilder ids,
      List<Object> parameters,
      Tail tail,
      String conditions,
      List<Object> values,
      long after,
      long through,
      int limit) {
    ids.append(
            """
            UNION ALL
            (SELECT t.id FROM task t FORCE INDEX (PRIMARY) LEFT JOIN outcome o ON o.id = t.id
            WHERE t.id > ? AND t.id <= ? AND o.id IS NULL\
            """)
        .append(conditions)
        .append(" ORDER BY t.id LIMIT ?)\n");
    parameters.add(Math.max(tail.compactedTo(), after));
    parameters.add(Math.min(tail.last(), through));
    parameters.addAll(values);
    parameters.add(limit);
  }

  private static Statement ordered(StringBuilder ids, List<Object> parameters, int limit) {
    parameters.add(limit);
    String sql = "SELECT u.id FROM (" + ids + ") u ORDER BY u.id LIMIT ?";
    return new Statement(tasks(sql), parameters);
  }

  static Pending pending(Row row) {
    return new Pending(
        row.getLong("id"),
        row.getString("user"),
        pendingPayload(row),
        row.getInteger("priority"),
        row.getLong("not_before"),
        row.getLong("timeout"),
        or(row.getInteger("next_attempt"), 1),
        row.getInteger("max_attempts"),
        millis(row, "created_at"),
        row.getString("traceparent"));
  }

  /** What was decided about one task, if it is this queue's to decide. */
  static <T> Optional<T> decided(Row row, long id, Function<Row, T> mapper) {
    if (row.getLong("owned") == 0) {
      return Optional.empty();
    }
    if (row.getString("kind") == null) {
      throw new Refused(Failure.Kind.NOT_FOUND, "task-not-found", "There is no task " + id + ".");
    }
    return Optional.of(mapper.apply(row));
  }

  static Cancellation cancellation(Row row) {
    return new Cancellation(
        row.getString("kind"), State.valueOf(row.getString("state")), row.getLong("news") > 0);
  }

  static RetryOutcome retryOutcome(Row row) {
    String end = row.getString("state");
    State unended = row.getInteger("next_attempt") == null ? State.PENDING : State.FAILED;
    return new RetryOutcome(
        end == null ? unended : State.valueOf(end),
        row.getInteger("present_attempt"),
        row.getLong("news") > 0,
        end == null ? pending(row) : null);
  }

  static Task task(Row row) {
    boolean ended = row.getString("state") != null;
    String failed = row.getString("attempt_state");
    State state =
        ended
            ? State.valueOf(row.getString("state"))
            : failed != null ? State.FAILED : State.PENDING;
    Result result = result(row);
    return new Task(
        row.getLong("id"),
        row.getString("user"),
        payload(row).payload(),
        state,
        ended ? row.getInteger("attempt") : or(row.getInteger("next_attempt"), 1),
        row.getInteger("max_attempts"),
        row.getInteger("priority"),
        row.getString("server"),
        row.getString("worker"),
        result,
        result != null ? null : ended ? row.getString("error") : row.getString("attempt_error"),
        millis(row, "created_at"),
        millis(row, "started_at"),
        millis(row, "finished_at"),
        row.getLong("not_before"),
        row.getLong("timeout"),
        row.getColumnIndex("idempotency_key") < 0 ? null : row.getString("idempotency_key"),
        row.getString("traceparent"));
  }

  private static @Nullable Result result(Row row) {
    String json = row.getString("result");
    if (json != null) {
      return Result.ofJson(json);
    }
    String status = row.getString("status");
    if (status == null) {
      return null;
    }
    var balance = row.getBigDecimal("balance");
    return new Result(
        Status.valueOf(status),
        balance == null ? null : balance.toPlainString(),
        row.getString("error"));
  }

  private static Payload pendingPayload(Row row) {
    StoredPayload stored = payload(row);
    return stored.json().isEmpty() ? new Custom(stored.kind(), "") : stored.payload();
  }

  private static StoredPayload payload(Row row) {
    return new StoredPayload(row.getString("kind"), row.getString("payload"));
  }

  private static int or(@Nullable Integer value, int otherwise) {
    return value == null ? otherwise : value;
  }

  /** Milliseconds since 1970; 0 for null. */
  private static long millis(Row row, String column) {
    LocalDateTime time = row.getLocalDateTime(column);
    return time == null ? 0 : time.toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  static Tail tail(Row row) {
    return new Tail(row.getLong(0), row.getLong(1));
  }

  static Standing standing(Row row) {
    String heirOf = row.getString("heir_of");
    return new Standing(
        row.getLong("term"),
        row.getLong("terms"),
        heirOf == null ? List.of() : List.of(heirOf.split(",")));
  }

  static boolean isAllAdopted(RowSet<Row> rows) {
    return rows.iterator().next().getLong("unadopted") == 0;
  }

  static List<AdoptedTerm> adopted(RowSet<Row> rows) {
    List<AdoptedTerm> terms = new ArrayList<>(rows.size());
    rows.forEach(row -> terms.add(new AdoptedTerm(row.getLong("term"), counts(row))));
    return terms;
  }

  private static Map<State, Long> counts(Row row) {
    return Map.of(
        State.PENDING, row.getLong("pending"),
        State.FAILED, row.getLong("failed"),
        State.DONE, row.getLong("done"),
        State.DEAD, row.getLong("dead"),
        State.CANCELLED, row.getLong("cancelled"));
  }
}
