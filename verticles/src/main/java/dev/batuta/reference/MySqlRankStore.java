package dev.batuta.reference;

import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@link RankStore} in MySQL or MariaDB. */
public final class MySqlRankStore implements RankStore {
  private final Database database;

  public MySqlRankStore(Database database) {
    this.database = database;
  }

  @Override
  public Future<Integer> rank(String server) {
    return database
        .call("CALL give_rank(?)", Tuple.of(server))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  @Override
  public Future<Map<String, Integer>> all() {
    return database
        .query(
            "SELECT server, server_number FROM server_rank ORDER BY server_number", Tuple.tuple())
        .map(
            rows -> {
              Map<String, Integer> ranks = new LinkedHashMap<>();
              rows.forEach(row -> ranks.put(row.getString(0), row.getInteger(1)));
              return ranks;
            });
  }
}
