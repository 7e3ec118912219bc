package dev.batuta.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
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

  private final Database database;

  // Guarded by this: which connection holds the lock of which incarnation.
  private @Nullable Future<SqlConnection> connection;
  private long heldFor;
  private boolean closed;

  public IncarnationLock(Database database) {
    this.database = database;
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
   * renewal must not queue behind the work that the pool has. Without that connection, on one of
   * the pool, while the lock is taken again in the background.
   */
  public Future<RowSet<Row>> update(long incarnation, String sql, Tuple parameters) {
    Future<SqlConnection> held = connected(incarnation);
    if (held.succeeded()) {
      return database
          .update(held.result(), sql, parameters)
          .recover(lost -> database.update(sql, parameters));
    }
    held.onFailure(why -> LOG.warn("the lock of this server is not held: {}", why.getMessage()));
    return database.update(sql, parameters);
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
    database.dedicated().compose(fresh -> lock(fresh, incarnation)).onComplete(promise);
    return promise.future();
  }

  private Future<SqlConnection> lock(SqlConnection fresh, long incarnation) {
    fresh.closeHandler(_ -> lost(fresh));
    // Our own connection of before may still count as open: its lock says the same as ours.
    String name = name(incarnation);
    return fresh
        .query("SET SESSION wait_timeout = 31536000")
        .execute()
        .compose(_ -> fresh.preparedQuery("SELECT GET_LOCK(?, 5)").execute(Tuple.of(name)))
        .compose(
            rows -> {
              Integer got = rows.iterator().next().getInteger(0);
              return got != null && got == 1
                  ? Future.succeededFuture(fresh)
                  : Future.failedFuture("the lock " + name + " is held by another connection");
            })
        .onFailure(_ -> fresh.close());
  }

  private synchronized void lost(SqlConnection which) {
    Future<SqlConnection> present = connection;
    if (present != null && present.succeeded() && present.result() == which) {
      connection = null;
      if (!closed) {
        LOG.warn("lost the connection that holds the lock of this server");
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
