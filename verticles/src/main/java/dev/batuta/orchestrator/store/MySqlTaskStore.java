package dev.batuta.orchestrator.store;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.database.Database;
import dev.batuta.database.Results;
import dev.batuta.database.Signals;
import dev.batuta.orchestrator.store.TaskRows.Run;
import dev.batuta.orchestrator.store.TaskRows.Statement;
import dev.batuta.orchestrator.store.TaskRows.Tail;
import dev.batuta.succession.Fences;
import dev.batuta.succession.LeaseStore;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link TaskStore} in MySQL or MariaDB: procedures of {@code R__2_task_procedures.sql}, {@code
 * R__4_queue_procedures.sql}, {@code R__5_task_control_procedures.sql} and {@code
 * R__7_succession_procedures.sql}.
 */
public final class MySqlTaskStore implements TaskStore {
  /** How long an idempotency key is kept unless told otherwise. */
  public static final Duration KEYS_KEPT = Duration.ofDays(7);

  private static final Logger LOG = LoggerFactory.getLogger(MySqlTaskStore.class);

  private static final int MAX_PAGE = 10_000;

  private static final int KEY_REUSED = 30_002;

  /** How far the terms go on beyond the last one known, in a database that was set back. */
  private static final long AFTER_SET_BACK = 100_000;

  private final Database database;
  private final Signals signals;
  private final Duration keysKept;
  private final Duration silence;

  /** That this process was given: terms only rise, unless the database was set back. */
  private final AtomicLong lastTerm = new AtomicLong();

  public MySqlTaskStore(Database database) {
    this(database, KEYS_KEPT);
  }

  public MySqlTaskStore(Database database, Duration keysKept) {
    this(database, keysKept, LeaseStore.SILENCE);
  }

  /**
   * @param silence after which a server is no heir
   */
  public MySqlTaskStore(Database database, Duration keysKept, Duration silence) {
    this.database = database;
    this.signals = Fences.of(database).or(Signals.of(KEY_REUSED, sentence -> keyReused()));
    this.keysKept = keysKept;
    this.silence = silence;
  }

  @Override
  public Future<Opened> open(String server) {
    long last = lastTerm.get();
    return call("CALL open_queue_after(?, ?)", Tuple.of(server, last))
        .map(TaskRows::adopted)
        // The term in force comes first, without tasks yet.
        .map(terms -> new Opened(terms.getFirst().term(), terms))
        .onSuccess(opened -> opened(last, opened.term()));
  }

  private void opened(long last, long term) {
    lastTerm.accumulateAndGet(term, Math::max);
    if (last > 0 && term >= last + AFTER_SET_BACK) {
      LOG.atError()
          .addKeyValue("lastTerm", last)
          .addKeyValue("term", term)
          .log("the database was set back: it has forgotten tasks that were acknowledged");
    }
  }

  @Override
  public Future<Standing> standing(String server) {
    return database
        .query(TaskRows.STANDING, Tuple.of(server, server, server))
        .map(rows -> TaskRows.standing(rows.iterator().next()));
  }

  @Override
  public Future<List<AdoptedTerm>> adopt(String server, long term) {
    return call("CALL adopt_terms(?, ?)", Tuple.of(server, term))
        .compose(
            rows ->
                TaskRows.isAllAdopted(rows)
                    ? Future.succeededFuture(TaskRows.adopted(rows))
                    : adopt(server, term));
  }

  @Override
  public Future<List<Pending>> unfinished(String server, long afterId, int limit) {
    return unfinished(server, List.of(), afterId, limit);
  }

  /** Of all kinds where none is named. */
  @Override
  public Future<List<Pending>> unfinished(
      String server, Collection<String> kinds, long afterId, int limit) {
    return database
        .query(TaskRows.OWN_TAIL, Tuple.of(server))
        .map(rows -> list(rows, TaskRows::tail))
        .compose(
            tails ->
                tails.isEmpty()
                    ? Future.succeededFuture(List.of())
                    : run(TaskRows.unfinished(
                            server, tails.getFirst(), kinds, afterId, bounded(limit)))
                        .map(rows -> list(rows, TaskRows::pending)));
  }

  @Override
  public Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> tasks) {
    return accept(server, term, user, key, firstId, tasks, List.of());
  }

  @Override
  public Future<Accepted> accept(
      String server,
      long term,
      String user,
      @Nullable String key,
      long firstId,
      List<NewTask> tasks,
      List<@Nullable String> traceparents) {
    AcceptCall acceptance = AcceptCall.of(tasks, traceparents);
    Tuple parameters =
        Tuple.of(
                server,
                term,
                user,
                key,
                key == null ? null : acceptance.digest(),
                keysKept.toSeconds())
            .addLong(firstId)
            .addInteger(tasks.size());
    acceptance.addTo(parameters);
    return call(
            "CALL accept_traced_tasks(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", parameters)
        .map(
            answer -> {
              Row row = answer.iterator().next();
              long first = row.getLong("first_id");
              long count = row.getLong("tasks");
              return new Accepted(new IdRange(first, (int) count), row.getInteger("repeated") != 0);
            });
  }

  private static Refused keyReused() {
    return Refused.conflict(
        "key-reused",
        "The idempotency key was used with another payload: use a new key, or repeat the same tasks.");
  }

  /** A procedure under the fence of the term. */
  private Future<RowSet<Row>> call(String sql, Tuple parameters) {
    return database.call(sql, parameters, signals);
  }

  private static <T> Future<T> invalid(String code, String message) {
    return Future.failedFuture(new Refused(Kind.INVALID, code, message));
  }

  @Override
  public Future<Void> noteDispatching(String server, long term, Scope scope, long throughId) {
    return call(
            "CALL note_dispatching(?, ?, ?, ?)", Tuple.of(server, term, stored(scope), throughId))
        .mapEmpty();
  }

  /**
   * As {@code dispatched_kind.kind} holds it; null for what {@code term.dispatched_to} is about.
   */
  private static @Nullable String stored(Scope scope) {
    return switch (scope) {
      case Scope.All _ -> null;
      case Scope.Priority(int priority) -> "#" + priority; // no kind may begin so
      case Scope.Kind(String name) -> name;
    };
  }

  @Override
  public Future<Void> noteDrained(String server, long term) {
    return call("CALL note_drained(?, ?)", Tuple.of(server, term)).mapEmpty();
  }

  @Override
  public Future<Boolean> giveAway(String server, long term, String heir) {
    return call(
            "CALL give_away_queue(?, ?, ?, ?)",
            Tuple.of(server, term, heir, silence.toNanos() / 1000))
        .map(rows -> rows.iterator().next().getInteger("given") != 0);
  }

  @Override
  public Future<List<Long>> complete(String server, long term, List<Completion> outcomes) {
    if (outcomes.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    boolean retried = false;
    boolean plain = true;
    Completion first = outcomes.getFirst();
    for (Completion each : outcomes) {
      if (!each.state().isFinal()) {
        return invalid("not-an-end", each.state() + " is not the end of task " + each.id() + ".");
      }
      retried |= each.attempt() > 1 || each.state() != State.DONE;
      plain &= isPlain(each) && Objects.equals(each.worker(), first.worker());
    }
    return plain && !retried
        ? completeDone(server, term, outcomes)
        : completeTasks(server, term, outcomes, retried);
  }

  private static boolean isPlain(Completion each) {
    return each.result() == null && each.error() == null && each.startedAtMillis() > 0;
  }

  /** All DONE at attempt 1, by one worker, without a result. */
  private Future<List<Long>> completeDone(String server, long term, List<Completion> outcomes) {
    long first = Long.MAX_VALUE;
    long last = 0;
    StringBuilder rows = new StringBuilder(outcomes.size() * 28).append('[');
    for (Completion each : outcomes) {
      first = Math.min(first, each.id());
      last = Math.max(last, each.id());
      rows.append(rows.length() > 1 ? ",[" : "[").append(each.id()).append(',');
      rows.append(each.startedAtMillis()).append(']');
    }
    String worker = outcomes.getFirst().worker();
    return call(
            "CALL complete_done(?, ?, ?, ?, ?, ?)",
            Tuple.of(server, term, worker, first, last, rows.append(']').toString()))
        .map(refused -> list(refused, row -> row.getLong(0)));
  }

  private Future<List<Long>> completeTasks(
      String server, long term, List<Completion> outcomes, boolean retried) {
    JsonArray rows = new JsonArray();
    outcomes.forEach(each -> rows.add(row(each)));
    return call("CALL complete_tasks(?, ?, ?, ?)", Tuple.of(server, term, rows.encode(), retried))
        .map(refused -> list(refused, row -> row.getLong(0)));
  }

  private static JsonArray row(Completion each) {
    Result result = each.result();
    String error = result == null || result.error() == null ? each.error() : result.error();
    String json = result == null ? null : result.json();
    Result ledger = json == null ? result : null;
    JsonArray row =
        new JsonArray()
            .add(each.id())
            .add(each.attempt())
            .add(each.state().name())
            .add(each.worker())
            .add(ledger == null ? null : ledger.status().name())
            .add(ledger == null ? null : ledger.balance())
            .add(bounded(error))
            .add(each.startedAtMillis() == 0 ? null : each.startedAtMillis());
    return json == null ? row : row.add(json);
  }

  private static @Nullable String bounded(@Nullable String text) {
    return text == null ? null : Results.reason(text);
  }

  @Override
  public Future<List<GaveUp>> giveUp(String server, long term, List<GivenUp> attempts) {
    if (attempts.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    JsonArray rows = new JsonArray();
    attempts.forEach(
        each ->
            rows.add(
                new JsonArray().add(each.id()).add(each.attempt()).add(bounded(each.error()))));
    return call("CALL give_up_attempts(?, ?, ?)", Tuple.of(server, term, rows.encode()))
        .map(
            answer ->
                list(
                    answer,
                    row ->
                        new GaveUp(
                            row.getLong("id"),
                            State.valueOf(row.getString("state")),
                            row.getInteger("attempt"))));
  }

  @Override
  public Future<Optional<Cancellation>> cancel(String server, long term, long id, String why) {
    return call("CALL cancel_task(?, ?, ?, ?)", Tuple.of(server, term, id, bounded(why)))
        .map(rows -> TaskRows.decided(rows.iterator().next(), id, TaskRows::cancellation));
  }

  @Override
  public Future<Optional<RetryOutcome>> retry(String server, long term, long id, int lastAttempt) {
    return call("CALL retry_task(?, ?, ?, ?)", Tuple.of(server, term, id, lastAttempt))
        .map(rows -> TaskRows.decided(rows.iterator().next(), id, TaskRows::retryOutcome));
  }

  @Override
  public Future<Void> compact(String server, long term, long throughId) {
    return call("CALL compact_tasks(?, ?, ?)", Tuple.of(server, term, throughId)).mapEmpty();
  }

  @Override
  public Future<Optional<Task>> read(long id) {
    return database
        .query(TaskRows.BY_ID, TaskRows.byId(id))
        .map(rows -> list(rows, TaskRows::task).stream().findFirst());
  }

  @Override
  public Future<List<Task>> read(List<Long> ids) {
    if (ids.size() == 1) {
      return read(ids.getFirst()).map(task -> task.stream().toList());
    }
    var keys = SubmissionKeys.of(database, ids);
    return readWithoutKeys(ids)
        .compose(tasks -> keys.map(found -> SubmissionKeys.added(tasks, found)));
  }

  /** As {@link #read(List)}, but for the keys of their submissions. */
  Future<List<Task>> readWithoutKeys(List<Long> ids) {
    return database
        .query(TaskRows.BY_IDS, Tuple.of(new JsonArray(ids).encode()))
        .map(rows -> list(rows, TaskRows::task));
  }

  @Override
  public Future<TaskPage> list(Filter filter, long after, int limit) {
    if (filter.state() == State.RUNNING) {
      return Future.succeededFuture(new TaskPage(List.of(), 0));
    }
    return listWithoutKeys(filter, after, limit)
        .compose(
            page ->
                SubmissionKeys.of(database, page.items().stream().map(Task::id).toList())
                    .map(
                        keys ->
                            new TaskPage(SubmissionKeys.added(page.items(), keys), page.next())));
  }

  private Future<TaskPage> listWithoutKeys(Filter filter, long after, int limit) {
    int page = bounded(limit);
    boolean byRuns = filter.state() == null || filter.state() == State.DONE;
    if (byRuns && (filter.user() != null || filter.kind() != null)) {
      return new RunScan(this, filter, page).from(after);
    }
    if (filter.state() == null) {
      return list(filter, List.of(), after, page, ScanBound.NONE);
    }
    return (filter.state() == State.PENDING
            ? database.query(TaskRows.TAILS, Tuple.tuple()).map(rows -> list(rows, TaskRows::tail))
            : Future.<List<Tail>>succeededFuture(List.of()))
        .compose(
            tails ->
                run(ScanBound.of(filter, tails, after))
                    .map(rows -> rows.iterator().next().getLong(0))
                    .map(bound -> bound == null ? ScanBound.NONE : bound)
                    .compose(bound -> list(filter, tails, after, page, bound)));
  }

  private Future<TaskPage> list(Filter filter, List<Tail> tails, long after, int page, long bound) {
    return run(TaskRows.list(filter, tails, after, bound, page + 1))
        .map(rows -> ScanBound.page(list(rows, TaskRows::task), page, bound));
  }

  /** The runs of tasks that a filter by user or kind lets through, from an id on. */
  Future<List<Run>> runs(Filter filter, long after) {
    return run(TaskRows.runs(filter, after)).map(rows -> list(rows, TaskRows::run));
  }

  private Future<RowSet<Row>> run(Statement statement) {
    return database.query(statement.sql(), Tuple.from(statement.parameters()));
  }

  private static int bounded(int limit) {
    return Math.clamp(limit, 1, MAX_PAGE);
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> mapper) {
    return StreamSupport.stream(rows.spliterator(), false).map(mapper).toList();
  }
}
