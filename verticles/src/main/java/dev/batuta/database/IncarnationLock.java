package dev.batuta.database;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * "I am connected": a {@code GET_LOCK} of the database, named after the incarnation of a server, on
 * a connection of its own. It is free as soon as the database sees that connection closed, which a
 * killed process cannot prevent and a stopped one does not cause. Safe for use from any thread.
 */
public final class IncarnationLock {
  private static final Logger LOG = LoggerFactory.getLogger(IncarnationLock.class);

  /**
   * How long an answer on its connection may take: as long as the leases that are renewed there.
   */
  private static final Duration ANSWER = Duration.ofSeconds(1);

  /** How long it may take to connect and get the lock. */
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final Database database;

  /** Of no verticle: with one that asks for the lock first, the connection would end too. */
  private final Context own;

  // Guarded by this: which connection holds the lock of which incarnation.
  private @Nullable Future<SqlConnection> connection;
  private long heldFor;
  private boolean closed;
  private boolean missed; // and that was said

  public IncarnationLock(Database database) {
    this.database = database;
    this.own = ((VertxInternal) database.vertx()).createEventLoopContext();
  }

  /** Its name in the database. */
  public static String name(long incarnation) {
    return "batuta-" + Long.toHexString(incarnation);
  }

  /**
   * Completes once the lock is held; one that is held stays so. To be called now and then, because
   * a connection that was lost is made again by the next call only.
   */
  public Future<Void> hold(long incarnation) {
    return connected(incarnation).mapEmpty();
  }

  /**
   * One statement that may be repeated, on the connection of the lock, which waits for nothing: a
   * renewal must not queue behind the work that the pool has. A connection on which no answer comes
   * is given up: after a cut in the network it stays mute for about as long as the cut lasted.
   * Without that connection, on one of the pool, while the lock is taken again in the background.
   */
  public Future<RowSet<Row>> execute(long incarnation, String sql, Tuple parameters) {
    Future<SqlConnection> held = connected(incarnation);
    if (!held.succeeded()) {
      return database.update(sql, parameters);
    }
    SqlConnection connection = held.result();
    return database
        .update(connection, sql, parameters)
        .timeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
        .recover(
            why -> {
              if (why instanceof TimeoutException) {
                database.noteSilence(why);
                lost(connection);
              }
              return database.update(sql, parameters);
            });
  }

  private synchronized Future<SqlConnection> connected(long incarnation) {
    Future<SqlConnection> present = connection;
    if (present != null && heldFor == incarnation && !present.failed()) {
      return present;
    }
    if (present != null) {
      present.onSuccess(SqlConnection::close);
    }
    if (closed) {
      return Future.failedFuture(new IllegalStateException("the lock is closed"));
    }
    Promise<SqlConnection> promise = Promise.promise();
    connection = promise.future();
    heldFor = incarnation;
    own.runOnContext(
        here ->
            database
                .dedicated()
                .compose(fresh -> lock(fresh, incarnation))
                .onComplete(
                    held -> {
                      if (!promise.tryComplete(held)) {
                        held.close();
                      }
                    },
                    promise::tryFail));
    database
        .vertx()
        .setTimer(
            CONNECT.toMillis(),
            late -> promise.tryFail(new TimeoutException("the lock was not got in time")));
    return promise.future().onComplete(this::say);
  }

  private Future<SqlConnection> lock(SqlConnection fresh, long incarnation) {
    fresh.closeHandler(_ -> lost(fresh));
    Tuple name = Tuple.of(name(incarnation));
    return fresh
        .query("SET SESSION wait_timeout = 31536000")
        .execute()
        .compose(_ -> got(fresh, name))
        .compose(got -> got ? Future.succeededFuture(true) : takeBack(fresh, name))
        .compose(
            got ->
                got
                    ? Future.succeededFuture(fresh)
                    : Future.<SqlConnection>failedFuture(
                        "the lock " + name(incarnation) + " is held by another connection"))
        .onFailure(_ -> fresh.close());
  }

  private static Future<Boolean> got(SqlConnection fresh, Tuple name) {
    return fresh
        .preparedQuery("SELECT GET_LOCK(?, 1)")
        .execute(name)
        .map(rows -> Integer.valueOf(1).equals(rows.iterator().next().getInteger(0)));
  }

  /** Once that it is not held though the database answers, and once that it is held again. */
  private synchronized void say(AsyncResult<SqlConnection> got) {
    if (got.succeeded() && missed) {
      missed = false;
      LOG.info("the lock of this server is held again");
    } else if (got.failed() && !missed && !closed) {
      Throwable why = got.cause();
      boolean away = Database.isAway(why) || why instanceof TimeoutException;
      if (!away) {
        missed = true;
        LOG.warn("the lock of this server is not held: {}", why.getMessage());
      }
    }
  }

  /** Only an older connection of this very process can hold it: one that the network has cut. */
  private static Future<Boolean> takeBack(SqlConnection fresh, Tuple name) {
    return fresh
        .preparedQuery("SELECT IS_USED_LOCK(?)")
        .execute(name)
        .compose(
            rows -> {
              Long holder = rows.iterator().next().getLong(0);
              // No parameter: it is not known to prepared statements, and a number needs none.
              return holder == null
                  ? Future.succeededFuture()
                  : fresh.query("KILL " + holder.longValue()).execute().mapEmpty();
            })
        .compose(_ -> got(fresh, name));
  }

  private synchronized void lost(SqlConnection which) {
    Future<SqlConnection> present = connection;
    if (present != null && present.succeeded() && present.result() == which) {
      connection = null;
      which.close();
      if (!closed) {
        LOG.info("lost the connection that holds the lock of this server");
      }
    }
  }

  /** Lets go of it, for good. */
  public synchronized Future<Void> close() {
    closed = true;
    Future<SqlConnection> present = connection;
    connection = null;
    return present == null
        ? Future.succeededFuture()
        : present.compose(SqlConnection::close).otherwiseEmpty();
  }
}
