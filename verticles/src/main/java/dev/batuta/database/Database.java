package dev.batuta.database;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.tracing.TracingPolicy;
import io.vertx.mysqlclient.MySQLBuilder;
import io.vertx.mysqlclient.MySQLConnectOptions;
import io.vertx.mysqlclient.MySQLException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded pool of connections to MySQL or MariaDB.
 *
 * <p>There are no transactions here that wait for the client: a transaction is one {@link #call} of
 * a procedure, or one statement.
 *
 * <p>Futures fail with {@link Refused}: UNAVAILABLE ({@code database-unreachable}) when nothing
 * happened, UNKNOWN ({@code outcome-unknown}) when the connection was lost while a write was under
 * way, with what {@link Signals} say when a procedure refuses, BUSY ({@code database-contended})
 * when others hold what is needed for too long, else INTERNAL. Safe for use from any thread.
 */
public final class Database {
  /** How long a statement may take before its outcome is taken as unknown. */
  public static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

  /** How long a statement may wait for a connection; then nothing has happened. */
  public static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int REPEATS = 10;
  private static final int DUPLICATE_KEY = 1062;
  private static final int LOCK_WAIT_TIMEOUT = 1205;
  private static final int DEADLOCK = 1213;

  /** A migration drops a procedure before it makes it anew, while servers go on calling it. */
  private static final int NO_PROCEDURE = 1305;

  private static final Duration REPLACING = Duration.ofMillis(200);

  /** The database stops, or somebody ended the statement or its connection. */
  private static final Set<Integer> CUT_OFF = Set.of(1053, 1317, 1927);

  private static final String UNREACHABLE = "database-unreachable";
  private static final String OUTCOME_UNKNOWN = "outcome-unknown";

  /** READ COMMITTED, strict, UTC; a transaction that nobody goes on with ends (MariaDB only). */
  private static final String SESSION =
      "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; "
          + "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
          + " SESSION time_zone = '+00:00', SESSION group_concat_max_len = 1048576"
          + " /*M! , SESSION idle_transaction_timeout = 1 */";

  /** What stands before a write, and refuses one that comes too late. */
  public enum Fence {
    EPOCH,
    TERM
  }

  private final Vertx vertx;
  private final DatabaseAddress address;
  private final Pool pool;
  private final Outage outage;
  private final LongAdder oldEpochs = new LongAdder();
  private final LongAdder oldTerms = new LongAdder();

  private Database(Vertx vertx, DatabaseAddress address, Pool pool) {
    this.vertx = vertx;
    this.address = address;
    this.pool = pool;
    this.outage = new Outage(address.host() + ":" + address.port(), System::nanoTime);
  }

  /** A pool of at most {@code connections}, which connects when it is first used. */
  public static Database connect(Vertx vertx, DatabaseAddress address, int connections) {
    PoolOptions bounds =
        new PoolOptions()
            .setMaxSize(connections)
            .setMaxWaitQueueSize(10_000)
            // Not the pool's: it fails promises that are completed already (vertx-sql-client 1567).
            .setConnectionTimeout(0);
    Pool pool =
        MySQLBuilder.pool(
            builder ->
                builder
                    .with(bounds)
                    .with(new NetClientOptions().setConnectTimeout(5000))
                    .connectingTo(options(address))
                    .withConnectHandler(Database::prepareSession)
                    .using(vertx));
    return new Database(vertx, address, pool);
  }

  private static MySQLConnectOptions options(DatabaseAddress address) {
    MySQLConnectOptions options =
        new MySQLConnectOptions()
            .setHost(address.host())
            .setPort(address.port())
            .setDatabase(address.database())
            .setUser(address.user())
            .setPassword(address.password())
            .setCharset("utf8mb4")
            .setCollation("utf8mb4_bin")
            .setPipeliningLimit(16)
            // A statement is that of many tasks, as a rule: who gives it says what it is part of.
            .setTracingPolicy(TracingPolicy.IGNORE)
            .setCachePreparedStatements(true)
            .addProperty("program_name", "batuta");
    options.setPreparedStatementCacheMaxSize(128);
    return options;
  }

  private static void prepareSession(SqlConnection connection) {
    connection
        .query(SESSION)
        .execute()
        .onFailure(Database::noSession)
        .eventually(connection::close);
  }

  /** A connection that breaks meanwhile is replaced, and says nothing about the variables. */
  private static void noSession(Throwable why) {
    if (why instanceof MySQLException error && !CUT_OFF.contains(error.getErrorCode())) {
      LOG.warn("could not set session variables: {}", why.getMessage());
    }
  }

  public DatabaseAddress address() {
    return address;
  }

  /** Reads. */
  public Future<RowSet<Row>> query(String sql, Tuple parameters) {
    return run(sql, parameters, false);
  }

  /** Writes, by one statement that commits itself. */
  public Future<RowSet<Row>> update(String sql, Tuple parameters) {
    return run(sql, parameters, true);
  }

  /**
   * Calls a procedure that is a transaction of its own: {@code CALL name(?, ?)}. Answers its first
   * result set. A deadlock, or a lost race for a key, is a transaction rolled back: it is repeated.
   * So is one whose procedure is being replaced by a server of the next version, for 2 s.
   */
  public Future<RowSet<Row>> call(String sql, Tuple parameters) {
    return call(sql, parameters, Signals.none());
  }

  /** The same of a procedure that refuses by signals. */
  public Future<RowSet<Row>> call(String sql, Tuple parameters, Signals signals) {
    return repeating(() -> attempt(sql, parameters, true), REPEATS)
        .recover(why -> Future.failedFuture(failure(why, signals)));
  }

  private Future<RowSet<Row>> run(String sql, Tuple parameters, boolean write) {
    return attempt(sql, parameters, write)
        .recover(why -> Future.failedFuture(failure(why, Signals.none())));
  }

  private Future<RowSet<Row>> repeating(Supplier<Future<RowSet<Row>>> call, int repeats) {
    return call.get()
        .recover(
            why -> {
              if (repeats == 0 || !(why instanceof MySQLException error)) {
                return Future.failedFuture(why);
              }
              return switch (error.getErrorCode()) {
                case DEADLOCK, LOCK_WAIT_TIMEOUT, DUPLICATE_KEY -> repeating(call, repeats - 1);
                case NO_PROCEDURE ->
                    vertx
                        .timer(REPLACING.toMillis(), TimeUnit.MILLISECONDS)
                        .compose(later -> repeating(call, repeats - 1));
                default -> Future.failedFuture(why);
              };
            });
  }

  private Future<RowSet<Row>> attempt(String sql, Tuple parameters, boolean write) {
    return connection()
        .recover(why -> Future.failedFuture(unreachable(why)))
        .compose(connection -> execute(connection, sql, parameters, write));
  }

  /** One of the pool; one that comes too late goes back. */
  private Future<SqlConnection> connection() {
    Promise<SqlConnection> given = Promise.promise();
    long timer =
        vertx.setTimer(
            CONNECTION_TIMEOUT.toMillis(),
            _ -> given.tryFail(new TimeoutException("no connection was free in time")));
    pool.getConnection()
        .onComplete(
            asked -> {
              vertx.cancelTimer(timer);
              if (asked.failed()) {
                given.tryFail(asked.cause());
              } else if (!given.tryComplete(asked.result())) {
                asked.result().close();
              }
            });
    return given.future();
  }

  private Future<RowSet<Row>> execute(
      SqlConnection connection, String sql, Tuple parameters, boolean write) {
    Future<RowSet<Row>> running = connection.preparedQuery(sql).execute(parameters);
    // The connection goes back when the statement has ended, however late that is.
    running.onComplete(_ -> connection.close());
    return answered(running, write);
  }

  /** Writes on a connection of {@link #dedicated}, which stays open. */
  Future<RowSet<Row>> update(SqlConnection connection, String sql, Tuple parameters) {
    return answered(connection.preparedQuery(sql).execute(parameters), true)
        .recover(why -> Future.failedFuture(failure(why, Signals.none())));
  }

  private Future<RowSet<Row>> answered(Future<RowSet<Row>> running, boolean write) {
    return running
        .timeout(STATEMENT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .onSuccess(rows -> outage.answered())
        .recover(why -> Future.failedFuture(lost(why, write)));
  }

  private Throwable lost(Throwable why, boolean write) {
    if (why instanceof MySQLException error && !CUT_OFF.contains(error.getErrorCode())) {
      outage.answered();
      return why;
    }
    boolean programmed =
        why instanceof IllegalArgumentException || why instanceof ClassCastException;
    if (programmed) {
      return why;
    }
    return write ? unknown(why) : unreachable(why);
  }

  private Refused unreachable(Throwable why) {
    outage.unanswered(reason(why));
    return new Refused(
        new Failure(
            Kind.UNAVAILABLE,
            UNREACHABLE,
            "The database at %s:%d cannot be used (%s): see that it runs, then try again; nothing was changed."
                .formatted(address.host(), address.port(), reason(why)),
            1000));
  }

  private Refused unknown(Throwable why) {
    outage.unanswered(reason(why));
    return new Refused(
        new Failure(
            Kind.UNKNOWN,
            OUTCOME_UNKNOWN,
            "The connection to the database at %s:%d was lost on the way (%s): it may have happened; repeat it, with the same idempotency key."
                .formatted(address.host(), address.port(), reason(why)),
            1000));
  }

  private static String reason(Throwable why) {
    return switch (why) {
      case TimeoutException _ -> "no answer in time";
      case Throwable other when other.getMessage() == null -> other.getClass().getSimpleName();
      case Throwable other -> firstLine(String.valueOf(other.getMessage()));
    };
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  private Throwable failure(Throwable why, Signals signals) {
    if (!(why instanceof MySQLException error)) {
      return why;
    }
    String message = text(error);
    return switch (error.getErrorCode()) {
      case NO_PROCEDURE ->
          new Refused(
              new Failure(
                  Kind.UNAVAILABLE,
                  UNREACHABLE,
                  "The database at %s:%d cannot be used (%s): a server of another version is changing it, or has removed that; try again, nothing was changed."
                      .formatted(address.host(), address.port(), message),
                  1000));
      case DEADLOCK, LOCK_WAIT_TIMEOUT, DUPLICATE_KEY ->
          new Refused(
              new Failure(
                  Kind.BUSY, "database-contended", "Others hold what is needed: try again.", 200));
      default ->
          signals.refusal(error.getErrorCode(), message).orElseGet(() -> defect(error, message));
    };
  }

  private static Refused defect(MySQLException error, String message) {
    LOG.warn(
        "the database refused a statement: {} {} {}",
        error.getErrorCode(),
        error.getSqlState(),
        message);
    return new Refused(
        Kind.INTERNAL,
        "database-error",
        "The database refused a statement (%d, %s): see the log."
            .formatted(error.getErrorCode(), message));
  }

  /** The words of the database, out of the client's {@code {errorMessage='..', errorCode=..}}. */
  private static String text(MySQLException error) {
    String message = String.valueOf(error.getMessage());
    int start = message.indexOf("errorMessage='");
    int end = message.lastIndexOf("', errorCode");
    return start >= 0 && end > start ? message.substring(start + 14, end) : message;
  }

  /** How many writes of this process came too late for a fence, and changed nothing. */
  public long refused(Fence fence) {
    return adder(fence).sum();
  }

  /** Counts one; to be said by the store that hears of it. */
  public void noteRefused(Fence fence) {
    adder(fence).increment();
  }

  private LongAdder adder(Fence fence) {
    return switch (fence) {
      case EPOCH -> oldEpochs;
      case TERM -> oldTerms;
    };
  }

  /** Whether it answers at this moment. */
  public Future<Void> ping() {
    return query("SELECT 1", Tuple.tuple()).mapEmpty();
  }

  /** Whether it answers within a time from now. */
  public Future<Void> ping(Duration atMost) {
    return ping().timeout(atMost.toMillis(), TimeUnit.MILLISECONDS).onFailure(this::noteSilence);
  }

  /** Of who waits for an answer less long than a statement may take. */
  void noteSilence(Throwable why) {
    if (why instanceof TimeoutException) {
      outage.unanswered(reason(why));
    }
  }

  /**
   * Whether something failed because the database is away or was lost on the way. That is said once
   * for the whole process, so who tries again says nothing.
   */
  public static boolean isAway(Throwable why) {
    return why instanceof Refused refused
        && (refused.failure().code().equals(UNREACHABLE)
            || refused.failure().code().equals(OUTCOME_UNKNOWN));
  }

  /** A connection outside the pool, for what must hold on to one. */
  public Future<SqlConnection> dedicated() {
    return io.vertx.mysqlclient.MySQLConnection.connect(vertx, options(address))
        .<SqlConnection>map(connection -> connection)
        .recover(why -> Future.failedFuture(unreachable(why)));
  }

  public Vertx vertx() {
    return vertx;
  }

  public Future<Void> close() {
    return pool.close();
  }
}
