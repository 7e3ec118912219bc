package dev.batuta.cli.bench;

import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.node.ClusterFile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLConnection;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The database of a cluster without Batuta: what raw writes reach in it, batches of {@value #BATCH}
 * rows through the Vert.x client, ids in sequence, every commit as durable as in production. Works
 * on tables of its own, without secondary indexes, which it drops in the end and, should it have
 * been killed, at its next start.
 */
final class RawDatabase implements AutoCloseable {
  static final int BATCH = 500;
  static final int ACCOUNTS = 10_000;

  private static final int LANES = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String SESSION =
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION sql_mode ="
          + " 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION time_zone = '+00:00'";
  private static final List<String> TABLES =
      List.of("bench_raw_task", "bench_raw_outcome", "bench_raw_entry", "bench_raw_account");

  private final Vertx vertx;
  private final List<Lane> lanes = new ArrayList<>();
  private final AtomicLong nextId = new AtomicLong(1);

  private RawDatabase(Vertx vertx) {
    this.vertx = vertx;
  }

  /** One connection with its statements. */
  private record Lane(
      SqlConnection connection,
      PreparedStatement task,
      PreparedStatement oneTask,
      PreparedStatement outcome,
      PreparedStatement entry,
      PreparedStatement balances) {}

  /** That of the cluster of the data folder; the tables are there once it returns. */
  static RawDatabase of(Target target) {
    var file =
        target
            .clusterFile()
            .orElseThrow(
                () ->
                    Problem.failed(
                        "not-here",
                        "bench compares with the database of the cluster, whose address is in %s, and that is not there: name the data folder of its up by --data"
                            .formatted(ClusterFile.in(target.data()))));
    var raw = new RawDatabase(Vertx.vertx());
    try {
      raw.open(DatabaseAddress.parse(file.database()));
      return raw;
    } catch (RuntimeException e) {
      raw.close();
      throw e;
    }
  }

  private void open(DatabaseAddress address) {
    var first = connect(address);
    TABLES.forEach(table -> await(first.query("DROP TABLE IF EXISTS " + table).execute()));
    List.of(
            """
            CREATE TABLE bench_raw_task (id BIGINT NOT NULL PRIMARY KEY, user VARCHAR(64) NOT NULL,
              kind VARCHAR(32) NOT NULL, payload MEDIUMTEXT NOT NULL, priority TINYINT NOT NULL,
              not_before BIGINT NOT NULL, timeout BIGINT NOT NULL, max_attempts INT NOT NULL,
              created_at DATETIME(3) NOT NULL)\
            """,
            """
            CREATE TABLE bench_raw_outcome (id BIGINT NOT NULL PRIMARY KEY, state VARCHAR(9) NOT NULL,
              attempt INT NOT NULL, worker VARCHAR(64) NULL, status VARCHAR(3) NULL,
              balance DECIMAL(19,2) NULL, error VARCHAR(500) NULL, started_at DATETIME(3) NULL,
              finished_at DATETIME(3) NOT NULL)\
            """,
            """
            CREATE TABLE bench_raw_entry (task BIGINT NOT NULL PRIMARY KEY, user VARCHAR(64) NOT NULL,
              number BIGINT NOT NULL, amount DECIMAL(20,2) NOT NULL, balance DECIMAL(19,2) NOT NULL,
              at DATETIME(3) NOT NULL)\
            """,
            """
            CREATE TABLE bench_raw_account (user VARCHAR(64) NOT NULL PRIMARY KEY,
              balance DECIMAL(19,2) NOT NULL, entries BIGINT NOT NULL)\
            """)
        .forEach(
            table ->
                await(
                    first
                        .query(
                            table
                                + " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE ="
                                + " utf8mb4_bin")
                        .execute()));
    lanes.add(lane(first));
    while (lanes.size() < LANES) {
      lanes.add(lane(connect(address)));
    }
    for (int from = 0; from < ACCOUNTS; from += BATCH) {
      await(lanes.getFirst().balances().query().execute(changes(from, "0.00")));
    }
  }

  private SqlConnection connect(DatabaseAddress address) {
    var options =
        new MySQLConnectOptions()
            .setHost(address.host())
            .setPort(address.port())
            .setDatabase(address.database())
            .setUser(address.user())
            .setPassword(address.password())
            .setCharset("utf8mb4")
            .setCollation("utf8mb4_bin")
            .setPipeliningLimit(16);
    SqlConnection connection = await(MySQLConnection.connect(vertx, options));
    await(connection.query(SESSION).execute());
    return connection;
  }

  private static Lane lane(SqlConnection connection) {
    return new Lane(
        connection,
        await(connection.prepare(rows(TASK, "(?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))", BATCH))),
        await(connection.prepare(rows(TASK, "(?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3))", 1))),
        await(
            connection.prepare(
                rows(
                    "INSERT INTO bench_raw_outcome (id, state, attempt, worker, status, balance,"
                        + " error, started_at, finished_at) VALUES ",
                    "(?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
                    BATCH))),
        await(
            connection.prepare(
                rows(
                    "INSERT INTO bench_raw_entry (task, user, number, amount, balance, at) VALUES ",
                    "(?, ?, ?, ?, ?, UTC_TIMESTAMP(3))",
                    BATCH))),
        await(
            connection.prepare(
                rows(
                        "INSERT INTO bench_raw_account (user, balance, entries) VALUES ",
                        "(?, ?, ?)",
                        BATCH)
                    + " ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), entries ="
                    + " entries + VALUES(entries)")));
  }

  private static final String TASK =
      "INSERT INTO bench_raw_task (id, user, kind, payload, priority, not_before, timeout,"
          + " max_attempts, created_at) VALUES ";

  private static String rows(String insert, String row, int count) {
    return insert + String.join(", ", Collections.nCopies(count, row));
  }

  /** Accepted tasks a second, for so long. */
  double accepted(Duration time) {
    return rate(time, this::accept);
  }

  /** Tasks a second that are accepted, and completed by a row that is appended. */
  double completed(Duration time) {
    return rate(
        time,
        lane -> {
          long first = accept(lane);
          await(lane.outcome().query().execute(outcomes(first, null)));
          return first;
        });
  }

  /** Tasks a second that are accepted, then executed: entries, outcomes, balances of a batch. */
  double executed(Duration time) {
    return rate(
        time,
        lane -> {
          long first = accept(lane);
          // Pipelined: the transaction waits for nobody.
          await(
              Future.all(
                  lane.connection().query("START TRANSACTION").execute(),
                  lane.balances().query().execute(changes(-1, "0.01")),
                  lane.entry().query().execute(entries(first)),
                  lane.outcome().query().execute(outcomes(first, "0.01")),
                  lane.connection().query("COMMIT").execute()));
          return first;
        });
  }

  /** Milliseconds of so many commits of one row, one after the other. */
  List<Double> commits(int count) {
    var lane = lanes.getFirst();
    var times = new ArrayList<Double>(count);
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      await(lane.oneTask().query().execute(tasks(nextId.getAndIncrement(), 1)));
      times.add((System.nanoTime() - start) / 1e6);
    }
    return times;
  }

  /** Tasks of the cluster in a range of ids that have ended well, as the database has them. */
  long ended(long firstId, long lastId) {
    return count(
        "SELECT COUNT(*) FROM outcome WHERE id BETWEEN ? AND ? AND state = 'DONE' AND"
            + " COALESCE(status, 'OK') = 'OK'",
        Tuple.of(firstId, lastId));
  }

  /** Of the accounts that rows change, those that the cluster has. */
  long accounts() {
    return count(
        "SELECT COUNT(*) FROM account WHERE user BETWEEN ? AND ?",
        Tuple.of(account(0), account(ACCOUNTS - 1)));
  }

  private long count(String sql, Tuple parameters) {
    RowSet<Row> rows = await(lanes.getFirst().connection().preparedQuery(sql).execute(parameters));
    return rows.iterator().next().getLong(0);
  }

  private interface Step {
    long write(Lane lane);
  }

  private double rate(Duration time, Step step) {
    long start = System.nanoTime();
    var written = new AtomicLong();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
      var running =
          lanes.stream()
              .map(
                  lane ->
                      threads.submit(
                          () -> {
                            while (System.nanoTime() - start < time.toNanos()) {
                              step.write(lane);
                              written.addAndGet(BATCH);
                            }
                          }))
              .toList();
      for (var lane : running) {
        lane.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while the database was measured");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Problem problem ? problem : failed(e.getCause());
    }
    return written.get() / ((System.nanoTime() - start) / 1e9);
  }

  private long accept(Lane lane) {
    long first = nextId.getAndAdd(BATCH);
    await(lane.task().query().execute(tasks(first, BATCH)));
    return first;
  }

  private static Tuple tasks(long first, int count) {
    Tuple values = Tuple.tuple(new ArrayList<>(count * 8));
    for (int i = 0; i < count; i++) {
      values
          .addLong(first + i)
          .addString("bench")
          .addString("UPDATE")
          .addString("{\"user\":\"bench-00000\",\"operation\":\"deposit\",\"amount\":\"0.01\"}")
          .addInteger(0)
          .addLong(0L)
          .addLong(0L)
          .addInteger(5);
    }
    return values;
  }

  private static Tuple outcomes(long first, @Nullable String balance) {
    Tuple values = Tuple.tuple(new ArrayList<>(BATCH * 7));
    for (int i = 0; i < BATCH; i++) {
      values
          .addLong(first + i)
          .addString("DONE")
          .addInteger(1)
          .addString("W1")
          .addString(balance == null ? null : "OK")
          .addString(balance)
          .addString(null);
    }
    return values;
  }

  private static Tuple entries(long first) {
    Tuple values = Tuple.tuple(new ArrayList<>(BATCH * 5));
    for (int i = 0; i < BATCH; i++) {
      values
          .addLong(first + i)
          .addString(account((int) (first + i) % ACCOUNTS))
          .addLong(first)
          .addString("0.01")
          .addString("0.01");
    }
    return values;
  }

  /**
   * Changes of {@value #BATCH} accounts in the order of their users.
   *
   * @param from the first of them, or -1 for any
   */
  private static Tuple changes(int from, String amount) {
    Tuple values = Tuple.tuple(new ArrayList<>(BATCH * 3));
    var chosen = new TreeSet<Integer>();
    for (int i = 0; chosen.size() < BATCH; i++) {
      chosen.add(from < 0 ? ThreadLocalRandom.current().nextInt(ACCOUNTS) : from + i);
    }
    chosen.forEach(number -> values.addString(account(number)).addString(amount).addInteger(1));
    return values;
  }

  /** The user of an account that rows change. */
  static String account(int number) {
    return "bench-%05d".formatted(number);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while the database was measured");
    } catch (ExecutionException e) {
      throw failed(e.getCause());
    } catch (TimeoutException e) {
      throw Problem.failed(
          "database", "the database did not answer within " + PATIENCE.toSeconds() + " s");
    }
  }

  private static Problem failed(@Nullable Throwable why) {
    return Problem.failed(
        "database",
        "the database of the cluster cannot be measured: "
            + (why == null ? "for no known reason" : why.getMessage())
            + "; see that it runs");
  }

  @Override
  public void close() {
    try {
      if (!lanes.isEmpty()) {
        var connection = lanes.getFirst().connection();
        TABLES.forEach(table -> await(connection.query("DROP TABLE IF EXISTS " + table).execute()));
      }
    } finally {
      await(vertx.close());
    }
  }
}
