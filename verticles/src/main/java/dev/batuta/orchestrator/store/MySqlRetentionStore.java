package dev.batuta.orchestrator.store;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;

/** {@link RetentionStore} by the procedures of {@code R__6_retention_procedures.sql}. */
public final class MySqlRetentionStore implements RetentionStore {
  private final Database database;

  public MySqlRetentionStore(Database database) {
    this.database = database;
  }

  @Override
  public Future<Step> forgetTasks(String server, long afterId, Duration keep, int limit) {
    return database
        .call("CALL forget_tasks(?, ?, ?, ?)", Tuple.of(server, afterId, keep.toSeconds(), limit))
        .map(MySqlRetentionStore::step);
  }

  @Override
  public Future<Step> forgetStragglers(String server, long afterId, int limit) {
    return database
        .call("CALL forget_stragglers(?, ?, ?)", Tuple.of(server, afterId, limit))
        .map(MySqlRetentionStore::step);
  }

  private static Step step(RowSet<Row> rows) {
    Row row = rows.iterator().next();
    return new Step(row.getLong("through"), row.getInteger("deleted"));
  }

  @Override
  public Future<Integer> forgetKeys(Duration keep, int limit) {
    return database
        .update(
            "DELETE FROM idempotency_key WHERE created_at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND"
                + " ORDER BY created_at LIMIT ?",
            Tuple.of(keep.toSeconds(), limit))
        .map(RowSet::rowCount);
  }
}
