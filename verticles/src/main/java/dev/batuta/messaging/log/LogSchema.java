package dev.batuta.messaging.log;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables of a {@link LogFile}, and how an older file gets them. */
final class LogSchema {
  private static final int VERSION = 2;

  private static final String[] FIRST_TABLES = {
    "CREATE TABLE origin (id INTEGER PRIMARY KEY, server TEXT NOT NULL, incarnation INTEGER NOT"
        + " NULL, UNIQUE (server, incarnation))",
    "CREATE TABLE op (position INTEGER PRIMARY KEY, origin INTEGER NOT NULL, sequence INTEGER NOT"
        + " NULL, kind INTEGER NOT NULL, content BLOB NOT NULL, UNIQUE (origin, sequence))",
    "CREATE INDEX op_creation ON op (position) WHERE kind IN (1, 2)",
    // What is shown: of several ops that are one message, the first in reading order.
    "CREATE TABLE message (conversation TEXT NOT NULL, place BLOB NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (conversation, place)) WITHOUT ROWID",
    "CREATE TABLE authored (author TEXT NOT NULL, message_id TEXT NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (author, message_id, position)) WITHOUT ROWID",
    // Ops that are one message, where there are several: each with the first applied here.
    "CREATE TABLE twin (position INTEGER PRIMARY KEY, first INTEGER NOT NULL)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
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
    }
    statement.execute(SaidIndex.TABLE);
    SaidIndex.fill(connection);
    statement.execute("PRAGMA user_version=" + VERSION);
    connection.commit();
    connection.setAutoCommit(true);
  }
}
