package dev.batuta.succession;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/** {@link SuccessionStore} in MySQL or MariaDB: {@code R__7_succession_procedures.sql}. */
public final class MySqlSuccessionStore implements SuccessionStore {
  private final Database database;
  private final Duration silence;

  public MySqlSuccessionStore(Database database) {
    this(database, LeaseStore.SILENCE);
  }

  /**
   * @param silence after which a server may be taken for dead
   */
  public MySqlSuccessionStore(Database database, Duration silence) {
    this.database = database;
    this.silence = silence;
  }

  @Override
  public Future<Set<String>> owners() {
    return database
        .query("SELECT server FROM queue WHERE heir IS NULL", Tuple.tuple())
        .map(
            rows -> {
              Set<String> owners = new TreeSet<>();
              rows.forEach(row -> owners.add(row.getString(0)));
              return owners;
            });
  }

  @Override
  public Future<Taking> take(long epoch, long incarnation, String server, String heir) {
    return database
        .call(
            "CALL take_queue(?, ?, ?, ?, ?)",
            Tuple.of(epoch, incarnation, server, heir, silence.toNanos() / 1000),
            Fences.of(database))
        .map(
            rows -> {
              Row row = rows.iterator().next();
              return new Taking(
                  Answer.valueOf(row.getString("answer")),
                  row.getString("why"),
                  row.getLong("terms"));
            });
  }
}
