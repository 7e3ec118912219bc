package dev.batuta.succession;

import dev.batuta.database.Database;
import dev.batuta.database.IncarnationLock;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;

/** {@link LeaseStore} in MySQL or MariaDB. */
public final class MySqlLeaseStore implements LeaseStore {
  private final Database database;
  private final IncarnationLock lock;

  /** The lock is its owner's to close. */
  public MySqlLeaseStore(Database database, IncarnationLock lock) {
    this.database = database;
    this.lock = lock;
  }

  @Override
  public Future<Void> claim(String server, long incarnation) {
    return lock.hold(incarnation)
        .compose(
            held ->
                database.update(
                    """
                    INSERT INTO server_lease (server, incarnation, released, renewed_at)
                    VALUES (?, ?, FALSE, UTC_TIMESTAMP(6))
                    ON DUPLICATE KEY UPDATE incarnation = VALUES(incarnation), released = FALSE,
                        renewed_at = VALUES(renewed_at)
                    """,
                    Tuple.of(server, incarnation)))
        .mapEmpty();
  }

  @Override
  public Future<Boolean> renew(String server, long incarnation) {
    return change("renewed_at = UTC_TIMESTAMP(6)", server, incarnation);
  }

  @Override
  public Future<Boolean> release(String server, long incarnation) {
    return change("released = TRUE", server, incarnation);
  }

  private Future<Boolean> change(String what, String server, long incarnation) {
    return lock.execute(
            incarnation,
            "UPDATE server_lease SET "
                + what
                + " WHERE server = ? AND incarnation = ? AND NOT released",
            Tuple.of(server, incarnation))
        .map(rows -> rows.rowCount() == 1);
  }
}
