package dev.batuta.election;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link EpochStore} in MySQL or MariaDB.
 *
 * <p>Every write is one statement that commits itself, so a stopped process holds no lock on the
 * row. The lock that says "I am connected" is a {@code GET_LOCK} on a connection of its own; it is
 * free as soon as the database sees that connection closed.
 */
public final class MySqlEpochStore implements EpochStore {
  private static final Logger LOG = LoggerFactory.getLogger(MySqlEpochStore.class);

  /** The row is read and written with its lock, so who waited sees what the other one wrote. */
  private static final String CLAIM =
      """
      UPDATE epoch
      SET epoch = epoch + IF(incarnation = ? AND NOT released, 0, 1), holder = ?, incarnation = ?,
          released = FALSE, renewed_at = UTC_TIMESTAMP(6)
      WHERE id = 1 AND (released OR incarnation = ?
          OR renewed_at < UTC_TIMESTAMP(6) - INTERVAL 1 SECOND
          OR (incarnation <> ? AND IS_FREE_LOCK(CONCAT('batuta-', LOWER(HEX(incarnation)))) = 1))
      """;

  private static final String READ =
      """
      SELECT epoch, holder, incarnation, released,
          TIMESTAMPDIFF(MICROSECOND, renewed_at, UTC_TIMESTAMP(6)) AS age
      FROM epoch WHERE id = 1
      """;

  private final Database database;

  // Guarded by this: which connection holds the lock of which incarnation.
  private @Nullable Future<SqlConnection> connection;
  private long heldFor;
  private boolean closed;

  public MySqlEpochStore(Database database) {
    this.database = database;
  }

  @Override
  public Future<Claim> claim(String server, long incarnation) {
    return hold(incarnation)
        .compose(
            _ ->
                database.update(
                    CLAIM, Tuple.of(incarnation, server, incarnation, incarnation, incarnation)))
        .compose(_ -> read())
        .map(row -> answer(row, incarnation));
  }

  private static Claim answer(EpochRow row, long incarnation) {
    if (row.incarnation() == incarnation && !row.released()) {
      return new Claim.Won(row.epoch());
    }
    String why =
        "%s holds epoch %d and renewed it %d ms ago"
            .formatted(row.holder(), row.epoch(), row.sinceRenewal().toMillis());
    return new Claim.Refused(row.epoch(), row.holder(), why);
  }

  @Override
  public Future<Boolean> renew(long epoch, long incarnation) {
    // A lost connection is made again in the background: renewing must not wait for it.
    hold(incarnation)
        .onFailure(why -> LOG.warn("the lock of the epoch is not held: {}", why.getMessage()));
    return database
        .update(
            """
            UPDATE epoch SET renewed_at = UTC_TIMESTAMP(6)
            WHERE id = 1 AND epoch = ? AND incarnation = ? AND NOT released
            """,
            Tuple.of(epoch, incarnation))
        .map(rows -> rows.rowCount() == 1);
  }

  @Override
  public Future<Boolean> release(long epoch, long incarnation) {
    return database
        .update(
            """
            UPDATE epoch SET released = TRUE
            WHERE id = 1 AND epoch = ? AND incarnation = ? AND NOT released
            """,
            Tuple.of(epoch, incarnation))
        .map(rows -> rows.rowCount() == 1);
  }

  @Override
  public Future<EpochRow> read() {
    return database
        .query(READ, Tuple.tuple())
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new EpochRow(
                  row.getLong("epoch"),
                  row.getString("holder"),
                  row.getLong("incarnation"),
                  row.getInteger("released") != 0,
                  Duration.ofNanos(1000 * row.getLong("age")));
            });
  }

  /** The connection that holds the lock of this incarnation, made when there is none. */
  private synchronized Future<SqlConnection> hold(long incarnation) {
    Future<SqlConnection> present = connection;
    if (present != null && heldFor == incarnation && !present.failed()) {
      return present;
    }
    if (present != null) {
      present.onSuccess(SqlConnection::close);
    }
    if (closed) {
      return Future.failedFuture(new IllegalStateException("the epoch store is closed"));
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
    String name = "batuta-" + Long.toHexString(incarnation);
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
        LOG.warn("lost the connection that holds the lock of the epoch");
      }
    }
  }

  @Override
  public synchronized Future<Void> close() {
    closed = true;
    Future<SqlConnection> present = connection;
    connection = null;
    return present == null
        ? Future.succeededFuture()
        : present.compose(SqlConnection::close).otherwiseEmpty();
  }
}
