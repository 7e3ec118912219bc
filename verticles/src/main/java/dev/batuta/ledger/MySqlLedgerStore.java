package dev.batuta.ledger;

import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.database.Database;
import dev.batuta.database.Signals;
import dev.batuta.ledger.Audit.Difference;
import dev.batuta.succession.Fences;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** {@link LedgerStore} in MySQL or MariaDB: procedures of {@code R__3_ledger_procedures.sql}. */
public final class MySqlLedgerStore implements LedgerStore {
  private static final List<String> DEMO_ACCOUNTS =
      List.of("11111111111", "22222222222", "33333333333", "44444444444");
  private static final BigDecimal DEMO_BALANCE = new BigDecimal("100.00");
  private static final int MAX_PAGE = 10_000;

  private static final int ACCOUNT_EXISTS = 30_003;

  private final Database database;
  private final Signals fences;
  private final LedgerCounts counts = new LedgerCounts();

  public MySqlLedgerStore(Database database) {
    this.database = database;
    this.fences = Fences.of(database);
  }

  /** What went through this store. */
  public LedgerCounts counts() {
    return counts;
  }

  @Override
  public Future<List<Outcome>> execute(
      String server, long term, String worker, List<Assignment> tasks) {
    if (tasks.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    PostingBatch batch = PostingBatch.of(tasks);
    return batch.isPlain()
        ? counted(batch, () -> executeUpdates(server, term, worker, batch))
            .compose(
                done ->
                    done.isEmpty()
                        ? counted(batch, () -> executeTasks(server, term, worker, batch))
                        : Future.succeededFuture(done))
        : counted(batch, () -> executeTasks(server, term, worker, batch));
  }

  @Override
  public Future<List<Outcome>> executeOfMany(String server, long term, List<OfWorker> tasks) {
    if (tasks.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    PostingBatch batch = PostingBatch.ofMany(tasks);
    return counted(batch, () -> executeTasks(server, term, tasks.getFirst().worker(), batch));
  }

  private Future<List<Outcome>> counted(
      PostingBatch batch, Supplier<Future<List<Outcome>>> transaction) {
    long began = System.nanoTime();
    return transaction
        .get()
        .onComplete(
            ended -> {
              LedgerCounts.Outcome outcome =
                  ended.failed()
                      ? LedgerCounts.Outcome.FAILED
                      : ended.result().isEmpty()
                          ? LedgerCounts.Outcome.AGAIN
                          : LedgerCounts.Outcome.DONE;
              counts.count(outcome, batch.ids().size(), System.nanoTime() - began);
            });
  }

  /** Answers nothing if not all is well, and has done nothing then, or all of it. */
  private Future<List<Outcome>> executeUpdates(
      String server, long term, String worker, PostingBatch batch) {
    Tuple parameters =
        Tuple.of(server, term, worker, batch.updatedAccounts(), batch.accountCount(), batch.most())
            .addString(batch.updates())
            .addString(batch.places())
            .addLong(batch.first())
            .addLong(batch.last());
    return database
        .call("CALL execute_updates(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", parameters, fences)
        .map(rows -> updated(batch.ids(), rows));
  }

  /** One row for all of them: a row for each would cost more than what it says. */
  private static List<Outcome> updated(SortedSet<Long> ids, RowSet<Row> rows) {
    if (rows.size() == 0) {
      return List.of();
    }
    Row all = rows.iterator().next();
    String[] balances = String.valueOf(all.getString(0)).split(",", -1);
    if (balances.length != ids.size()) {
      return List.of(); // some were deleted as soon as they had ended
    }
    long millis = millis(all.getLocalDateTime(1));
    List<Outcome> outcomes = new ArrayList<>(balances.length);
    for (long id : ids) {
      Result result = new Result(Status.OK, balances[outcomes.size()], null);
      outcomes.add(new Outcome(id, 1, true, result, null, millis, millis));
    }
    return outcomes;
  }

  private Future<List<Outcome>> executeTasks(
      String server, long term, String worker, PostingBatch batch) {
    Tuple parameters =
        Tuple.of(server, term, worker, batch.accounts(), batch.accountCount(), batch.most())
            .addString(batch.tasks())
            .addBoolean(batch.retried())
            .addBoolean(batch.oneByOne());
    return database
        .call("CALL execute_tasks(?, ?, ?, ?, ?, ?, ?, ?, ?)", parameters, fences)
        .map(rows -> list(rows, MySqlLedgerStore::outcome));
  }

  private static Outcome outcome(Row row) {
    BigDecimal balance = row.getBigDecimal("balance");
    String status = row.getString("status");
    Result result =
        status == null
            ? null
            : new Result(
                Status.valueOf(status),
                balance == null ? null : balance.toPlainString(),
                row.getString("error"));
    return new Outcome(
        row.getLong("id"),
        row.getInteger("attempt"),
        true,
        result,
        null,
        millis(row.getLocalDateTime("started_at")),
        millis(row.getLocalDateTime("finished_at")));
  }

  private static long millis(@Nullable LocalDateTime time) {
    return time == null ? 0 : time.toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  @Override
  public Future<Account> create(String user, BigDecimal balance, BigDecimal overdraft) {
    Account account = new Account(user, balance.setScale(2), overdraft.setScale(2));
    return database
        .call(
            "CALL create_account(?, ?, ?)",
            Tuple.of(user, account.balance(), account.overdraft()),
            Signals.of(ACCOUNT_EXISTS, sentence -> exists(user)))
        .map(account);
  }

  private static Refused exists(String user) {
    return Refused.conflict(
        "account-exists", "The account " + user + " exists: choose another user.");
  }

  @Override
  public Future<Optional<Account>> account(String user) {
    return database
        .query("SELECT user, balance, overdraft FROM account WHERE user = ?", Tuple.of(user))
        .map(rows -> list(rows, MySqlLedgerStore::account).stream())
        // The database compares without blanks at the end.
        .map(found -> found.filter(account -> account.user().equals(user)).findFirst());
  }

  private static Account account(Row row) {
    return new Account(row.getString(0), row.getBigDecimal(1), row.getBigDecimal(2));
  }

  @Override
  public Future<List<Account>> accounts(@Nullable String after, int limit) {
    return database
        .query(
            "SELECT user, balance, overdraft FROM account WHERE user > ? ORDER BY user LIMIT ?",
            Tuple.of(after == null ? "" : after, bounded(limit)))
        .map(rows -> list(rows, MySqlLedgerStore::account));
  }

  private static int bounded(int limit) {
    return Math.clamp(limit, 1, MAX_PAGE);
  }

  @Override
  public Future<List<Entry>> entries(String user, long after, int limit) {
    return database
        .query(
            """
            SELECT number, task, amount, balance, at FROM entry FORCE INDEX (entry_number)
            WHERE user = ? AND number > ? ORDER BY number LIMIT ?
            """,
            Tuple.of(user, after, bounded(limit)))
        .map(rows -> list(rows, MySqlLedgerStore::entry));
  }

  private static Entry entry(Row row) {
    return new Entry(
        row.getLong(0),
        row.getLong(1),
        row.getBigDecimal(2),
        row.getBigDecimal(3),
        row.getLocalDateTime(4).toInstant(ZoneOffset.UTC));
  }

  /** One statement, so one snapshot: balances and entries of the same moment. */
  @Override
  public Future<Audit> audit() {
    return database
        .query(
            """
            WITH sums AS (
              SELECT user, SUM(balance) AS balance, SUM(amount) AS amount, SUM(accounts) AS accounts,
                  SUM(entries) AS entries, SUM(counted) AS counted
              FROM (
                SELECT user, balance, 0.00 AS amount, 1 AS accounts, entries, 0 AS counted FROM account
                UNION ALL
                SELECT user, 0.00, SUM(amount), 0, 0, COUNT(*) FROM entry GROUP BY user) both_sides
              GROUP BY user)
            (SELECT NULL AS user, COALESCE(SUM(balance), 0.00) AS balance,
                COALESCE(SUM(amount), 0.00) AS amount, COALESCE(SUM(accounts), 0) AS accounts FROM sums)
            UNION ALL
            (SELECT user, balance, amount, accounts FROM sums
             WHERE balance <> amount OR entries <> counted OR accounts <> 1 ORDER BY user LIMIT 1000)
            """,
            Tuple.tuple())
        .map(MySqlLedgerStore::audit);
  }

  private static Audit audit(RowSet<Row> rows) {
    List<Row> all = list(rows, row -> row);
    Row total = all.stream().filter(row -> row.getString("user") == null).findFirst().orElseThrow();
    List<Difference> differences =
        all.stream()
            .filter(row -> row.getString("user") != null)
            .map(
                row ->
                    new Difference(
                        row.getString("user"),
                        row.getBigDecimal("balance"),
                        row.getBigDecimal("amount")))
            .toList();
    return new Audit(
        differences.isEmpty(),
        total.getBigDecimal("accounts").longValueExact(),
        total.getBigDecimal("balance"),
        total.getBigDecimal("amount"),
        differences);
  }

  @Override
  public Future<Void> seedDemo() {
    return Future.all(DEMO_ACCOUNTS.stream().map(this::seed).toList()).mapEmpty();
  }

  private Future<Void> seed(String user) {
    return create(user, DEMO_BALANCE, BigDecimal.ZERO)
        .<Void>mapEmpty()
        .recover(
            why -> Refused.isConflict(why) ? Future.succeededFuture() : Future.failedFuture(why));
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> mapper) {
    return StreamSupport.stream(rows.spliterator(), false).map(mapper).toList();
  }
}
