package dev.batuta.gateway.platform;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.stream.StreamSupport;

/** {@link RegistrationStore} in MySQL or MariaDB. */
public final class MySqlRegistrationStore implements RegistrationStore {
  private final Database database;

  public MySqlRegistrationStore(Database database) {
    this.database = database;
  }

  @Override
  public Future<List<Registration>> all(String gateway, int most) {
    return database
        .query(
            "SELECT CONVERT(worker USING utf8mb4), sender, host, port FROM platform_worker"
                + " WHERE gateway = ? ORDER BY worker LIMIT ?",
            Tuple.of(gateway, most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(MySqlRegistrationStore::registration)
                    .toList());
  }

  private static Registration registration(Row row) {
    return new Registration(
        row.getString(0), row.getString(1), row.getString(2), row.getInteger(3));
  }

  @Override
  public Future<Void> keep(String gateway, Registration worker) {
    return database
        .update(
            "REPLACE INTO platform_worker (gateway, worker, sender, host, port)"
                + " VALUES (?, ?, ?, ?, ?)",
            Tuple.of(gateway, worker.worker(), worker.sender(), worker.host(), worker.port()))
        .mapEmpty();
  }

  @Override
  public Future<Void> forget(String gateway, String worker) {
    return database
        .update(
            "DELETE FROM platform_worker WHERE gateway = ? AND worker = ?",
            Tuple.of(gateway, worker))
        .mapEmpty();
  }
}
