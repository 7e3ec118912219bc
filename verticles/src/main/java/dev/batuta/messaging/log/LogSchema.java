package dev.batuta.messaging.log;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Origin;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of a {@link LogFile}, and how an older file gets them. */
final class LogSchema {
  private static final int VERSION = 3;

  private static final String[] FIRST_TABLES = {
    "CREATE TABLE origin (id INTEGER PRIMARY KEY, server TEXT NOT NULL, incarnation INTEGER NOT"
        + " NULL, UNIQUE (server, incarnation))",
    "CREATE TABLE op (position INTEGER PRIMARY KEY, origin INTEGER NOT NULL, sequence INTEGER NOT"
        + " NULL, kind INTEGER NOT NULL, content BLOB NOT NULL, checksum INTEGER NOT NULL, UNIQUE"
        + " (origin, sequence))",
    "CREATE INDEX op_creation ON op (position) WHERE kind IN (1, 2)",
    // What is shown: of several ops that are one message, the first in reading order.
    "CREATE TABLE message (conversation TEXT NOT NULL, place BLOB NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (conversation, place)) WITHOUT ROWID",
    "CREATE TABLE authored (author TEXT NOT NULL, message_id TEXT NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (author, message_id, position)) WITHOUT ROWID",
    // Ops that are one message, where there are several: each with the first applied here.
    "CREATE TABLE twin (position INTEGER PRIMARY KEY, first INTEGER NOT NULL)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER NOT NULL)"
        + " WITHOUT ROWID",
  };

  private LogSchema() {}

  /**
   * Makes the tables that a file lacks, in one transaction.
   *
   * @param statement of the connection, which commits by itself before and after
   * @throws Refused for a file of a newer version
   */
  static void prepare(Connection connection, Statement statement, Path path) throws SQLException {
    int version;
    try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      version = row.next() ? row.getInt(1) : 0;
    }
    if (version > VERSION) {
      throw new Refused(
          Kind.UNAVAILABLE,
          "message-log-newer",
          "The message log %s has schema %d and this version knows %d: start the newer version."
              .formatted(path, version, VERSION));
    }
    if (version == VERSION) {
      return;
    }
    connection.setAutoCommit(false);
    if (version == 0) {
      for (String table : FIRST_TABLES) {
        statement.execute(table);
      }
    } else {
      addChecksums(connection, statement);
    }
    if (version < 2) {
      statement.execute(SaidIndex.TABLE);
      SaidIndex.fill(connection);
    }
    statement.execute("PRAGMA user_version=" + VERSION);
    connection.commit();
    connection.setAutoCommit(true);
  }

  /** What an older file holds is taken for what was written. */
  private static void addChecksums(Connection connection, Statement statement) throws SQLException {
    statement.execute("ALTER TABLE op ADD COLUMN checksum INTEGER");
    statement.execute("ALTER TABLE state ADD COLUMN checksum INTEGER");
    try (PreparedStatement update =
            connection.prepareStatement("UPDATE op SET checksum = ? WHERE position = ?");
        ResultSet row =
            statement.executeQuery(
                "SELECT o.position, o.kind, r.server, r.incarnation, o.sequence, o.content FROM op"
                    + " o JOIN origin r ON r.id = o.origin")) {
      while (row.next()) {
        Origin origin = new Origin(row.getString(3), row.getLong(4));
        long position = row.getLong(1);
        update.setLong(
            1,
            LogDamage.checksum(
                position, row.getInt(2), origin, row.getLong(5), row.getBytes(6)));
        update.setLong(2, position);
        update.executeUpdate();
      }
    }
    try (PreparedStatement update =
            connection.prepareStatement("UPDATE state SET checksum = ? WHERE name = ?");
        ResultSet row = statement.executeQuery("SELECT name, value FROM state")) {
      while (row.next()) {
        update.setLong(1, LogDamage.checksum(row.getString(1), row.getLong(2)));
        update.setString(2, row.getString(1));
        update.executeUpdate();
      }
    }
  }
}
