package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Origin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The numbers that origins have inside a file. Used as its connection is, except where said. */
final class LogOrigins implements AutoCloseable {
  private final PreparedStatement insert;
  private final PreparedStatement last;
  private final Map<Origin, Long> ids = new ConcurrentHashMap<>();

  LogOrigins(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement(
            "INSERT INTO origin (id, server, incarnation) VALUES (?, ?, ?)");
    last =
        connection.prepareStatement(
            LogRow.SELECT + " WHERE o.origin = ? ORDER BY o.sequence DESC LIMIT 1");
    try (PreparedStatement select =
            connection.prepareStatement("SELECT id, server, incarnation FROM origin");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        if (row.getString(2) == null) {
          throw LogDamage.found("an origin has no name");
        }
        ids.put(new Origin(row.getString(2), row.getLong(3)), row.getLong(1));
      }
    }
  }

  Set<Origin> all() {
    return ids.keySet();
  }

  /** The number of an origin, or null; any thread. */
  @Nullable Long known(Origin origin) {
    return ids.get(origin);
  }

  /** The number of an origin, which it gets if it has none. */
  long id(Origin origin) throws SQLException {
    @Nullable Long known = ids.get(origin);
    if (known != null) {
      return known;
    }
    long id = ids.size() + 1L;
    insert.setLong(1, id);
    insert.setString(2, origin.server());
    insert.setLong(3, origin.incarnation());
    insert.executeUpdate();
    ids.put(origin, id);
    return id;
  }

  /** How many ops of an origin there are. */
  long lastSequence(Origin origin) throws SQLException {
    last.setLong(1, id(origin));
    try (ResultSet row = last.executeQuery()) {
      return row.next() ? LogRow.of(row).lastSequence() : 0;
    }
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    last.close();
  }
}
