package dev.batuta.identity;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@link LoginFailures} in MySQL or MariaDB, by the clock of the database. Each row is written by a
 * statement of its own, so that no two wait for each other. What is over goes at most once a minute
 * for each node that counts; no more is kept than passwords can be hashed in that time.
 */
final class MySqlLoginFailures implements LoginFailures {
  /** One that the database's clock, set back, has in the future counts no more either. */
  private static final String COUNTS =
      "(since > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND AND since <= UTC_TIMESTAMP(3))";

  private final Database database;
  private final AtomicLong sweptNanos = new AtomicLong(System.nanoTime() - WINDOW.toNanos());

  MySqlLoginFailures(Database database) {
    this.database = database;
  }

  @Override
  public Future<Map<String, Count>> add(List<String> whose) {
    return sweep()
        .compose(swept -> Future.all(whose.stream().map(this::count).toList()))
        .compose(counted -> of(whose));
  }

  private Future<?> count(String whose) {
    return database.update(
        """
        INSERT INTO login_failure (whose, failures, since) VALUES (?, 1, UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE failures = IF(%1$s, failures + 1, 1),
            since = IF(%1$s, since, UTC_TIMESTAMP(3))
        """
            .formatted(COUNTS),
        Tuple.of(whose));
  }

  private Future<?> sweep() {
    long swept = sweptNanos.get();
    long now = System.nanoTime();
    return now - swept < WINDOW.toNanos() || !sweptNanos.compareAndSet(swept, now)
        ? Future.succeededFuture()
        : database.update("DELETE FROM login_failure WHERE NOT " + COUNTS, Tuple.tuple());
  }

  @Override
  public Future<Map<String, Count>> of(List<String> whose) {
    String marks = String.join(", ", Collections.nCopies(whose.size(), "?"));
    return database
        .query(
            """
            SELECT CONVERT(whose USING utf8mb4), failures,
                TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), since + INTERVAL 60 SECOND)
            FROM login_failure WHERE whose IN (%s) AND %s
            """
                .formatted(marks, COUNTS),
            Tuple.wrap(whose.toArray()))
        .map(
            rows -> {
              Map<String, Count> counts = new HashMap<>();
              rows.forEach(row -> counts.put(row.getString(0), count(row)));
              return counts;
            });
  }

  private static Count count(Row row) {
    return new Count(row.getInteger(1), Duration.ofMillis(Math.max(1, row.getLong(2) / 1000)));
  }

  @Override
  public Future<Void> forget(String whose) {
    return database.update("DELETE FROM login_failure WHERE whose = ?", Tuple.of(whose)).mapEmpty();
  }
}
