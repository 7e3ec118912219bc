package dev.batuta.election;

import dev.batuta.database.Database;
import dev.batuta.database.Database.Fence;
import dev.batuta.database.IncarnationLock;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/**
 * {@link EpochStore} in MySQL or MariaDB.
 *
 * <p>Every write is one statement that commits itself, so a stopped process holds no lock on the
 * row. That the holder is connected is said by its {@link IncarnationLock}.
 */
public final class MySqlEpochStore implements EpochStore {
  /** The row is read and written with its lock, so who waited sees what the other one wrote. */
  private static final String CLAIM =
      """
      UPDATE epoch
      SET epoch = IF(incarnation = ? AND NOT released AND epoch > ?, epoch, GREATEST(epoch, ?) + 1), holder = ?, incarnation = ?,
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
  private final IncarnationLock lock;
  private final boolean shared;

  /** With a lock of its own. */
  public MySqlEpochStore(Database database) {
    this(database, new IncarnationLock(database), false);
  }

  /** With a lock that says more than "the holder of the epoch is connected". */
  public MySqlEpochStore(Database database, IncarnationLock lock) {
    this(database, lock, true);
  }

  private MySqlEpochStore(Database database, IncarnationLock lock, boolean shared) {
    this.database = database;
    this.lock = lock;
    this.shared = shared;
  }

  @Override
  public Future<Void> connect(long incarnation) {
    return lock.hold(incarnation)
        .compose(_ -> lock.execute(incarnation, READ, Tuple.tuple()))
        .mapEmpty();
  }

  @Override
  public Future<Claim> claim(String server, long incarnation, long above) {
    Tuple claim =
        Tuple.of(incarnation, above, above, server, incarnation, incarnation, incarnation);
    return lock.hold(incarnation)
        .compose(_ -> lock.execute(incarnation, CLAIM, claim))
        .compose(_ -> lock.execute(incarnation, READ, Tuple.tuple()))
        .map(rows -> answer(row(rows), incarnation));
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
    return lock.execute(
            incarnation,
            """
            UPDATE epoch SET renewed_at = UTC_TIMESTAMP(6)
            WHERE id = 1 AND epoch = ? AND incarnation = ? AND NOT released
            """,
            Tuple.of(epoch, incarnation))
        .map(rows -> isDone(rows.rowCount()));
  }

  @Override
  public Future<Boolean> release(long epoch, long incarnation) {
    return lock.execute(
            incarnation,
            """
            UPDATE epoch SET released = TRUE
            WHERE id = 1 AND epoch = ? AND incarnation = ? AND NOT released
            """,
            Tuple.of(epoch, incarnation))
        .map(rows -> isDone(rows.rowCount()));
  }

  private boolean isDone(int rows) {
    if (rows == 0) {
      database.noteRefused(Fence.EPOCH);
    }
    return rows == 1;
  }

  @Override
  public Future<EpochRow> read() {
    return database.query(READ, Tuple.tuple()).map(MySqlEpochStore::row);
  }

  private static EpochRow row(RowSet<Row> rows) {
    Row row = rows.iterator().next();
    return new EpochRow(
        row.getLong("epoch"),
        row.getString("holder"),
        row.getLong("incarnation"),
        row.getInteger("released") != 0,
        Duration.ofNanos(1000 * row.getLong("age")));
  }

  /** Closes the lock of this store's own; a shared one is its owner's to close. */
  @Override
  public Future<Void> close() {
    return shared ? Future.succeededFuture() : lock.close();
  }
}
