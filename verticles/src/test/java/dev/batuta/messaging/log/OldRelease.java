package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What the release before checksums does to a file, by its own statements: it inserts without
 * checksums, and takes all of one author and message id for one message.
 */
final class OldRelease {
  private OldRelease() {}

  /** Takes from a file, which has no blocks, what that release did not make. */
  static void made(Path path) throws SQLException {
    try (Connection connection = connection(path);
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE authored_run");
      statement.execute("DROP TABLE said_block");
      statement.execute("ALTER TABLE op DROP COLUMN checksum");
      statement.execute("ALTER TABLE state DROP COLUMN checksum");
      statement.execute("PRAGMA user_version=2");
    }
  }

  /** Appends a message to a file that it has opened, if it does. */
  static void append(Path path, Op op, Content.ChannelMessage said) throws SQLException {
    try (Connection connection = connection(path)) {
      connection.setAutoCommit(false);
      if (number(connection, "PRAGMA user_version") > 2) {
        throw new SQLException("it starts with no file of a newer schema");
      }
      long position = number(connection, "SELECT coalesce(max(position), 0) FROM op") + 1;
      long shown = shown(connection, said);
      insertOp(connection, position, op);
      execute(
          connection,
          "INSERT INTO said (second, digest, position) VALUES (?, ?, ?)",
          Math.floorDiv(said.timeMillis(), 1_000L),
          SaidIndex.digest(said),
          position);
      execute(
          connection,
          "INSERT INTO authored (author, message_id, position) VALUES (?, ?, ?)",
          Name.fold(said.author()),
          said.messageId(),
          position);
      if (shown == 0) {
        ReadingOrder place = new ReadingOrder(said.clock(), op.origin(), op.sequence());
        execute(
            connection,
            "INSERT INTO message (conversation, place, position) VALUES (?, ?, ?)",
            said.conversation(),
            place.toBytes(),
            position);
      } else {
        addTwin(connection, shown, position);
      }
      state(connection, "clock", said.clock());
      state(connection, "ops-3", number(connection, "SELECT count(*) FROM op WHERE kind = 3"));
      connection.commit();
    }
  }

  private static long shown(Connection connection, Content.Said said) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT m.position FROM authored a JOIN message m ON m.position = a.position WHERE"
                + " a.author = ? AND a.message_id = ?")) {
      select.setString(1, Name.fold(said.author()));
      select.setString(2, said.messageId());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private static void insertOp(Connection connection, long position, Op op) throws SQLException {
    Origin origin = op.origin();
    execute(
        connection,
        "INSERT OR IGNORE INTO origin (server, incarnation) VALUES (?, ?)",
        origin.server(),
        origin.incarnation());
    long id =
        number(
            connection,
            "SELECT id FROM origin WHERE server = '%s' AND incarnation = %d"
                .formatted(origin.server(), origin.incarnation()));
    execute(
        connection,
        "INSERT INTO op (position, origin, sequence, kind, content) VALUES (?, ?, ?, ?, ?)",
        position,
        id,
        op.sequence(),
        3,
        op.content().toArray());
  }

  private static void addTwin(Connection connection, long shown, long position)
      throws SQLException {
    long first =
        number(connection, "SELECT coalesce(max(first), 0) FROM twin WHERE position = " + shown);
    if (first == 0) {
      execute(connection, "INSERT INTO twin (position, first) VALUES (?, ?)", shown, shown);
      first = shown;
    }
    execute(connection, "INSERT INTO twin (position, first) VALUES (?, ?)", position, first);
  }

  private static void state(Connection connection, String name, long value) throws SQLException {
    execute(
        connection,
        "INSERT INTO state (name, value) VALUES (?, ?)"
            + " ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <>"
            + " excluded.value",
        name,
        value);
  }

  private static void execute(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private static Connection connection(Path path) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + path);
  }
}
