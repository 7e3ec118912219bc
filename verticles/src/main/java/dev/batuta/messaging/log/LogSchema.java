package dev.batuta.messaging.log;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables of a {@link LogFile}, and how an older file gets them. What an older release wrote
 * stays as it is; one without blocks of ops, or without checksums, refuses a file that this one has
 * opened.
 */
final class LogSchema {
  /** The state that is 1 where a release has written that grouped ops by author and id alone. */
  static final String REGROUP = "regroup";

  private static final int VERSION = 3;

  private static final String[] FIRST_TABLES = {
    "CREATE TABLE origin (id INTEGER PRIMARY KEY, server TEXT NOT NULL, incarnation INTEGER NOT"
        + " NULL, UNIQUE (server, incarnation))",
    "CREATE TABLE op (position INTEGER PRIMARY KEY, origin INTEGER NOT NULL, sequence INTEGER NOT"
        + " NULL, kind INTEGER NOT NULL, content BLOB NOT NULL, checksum INTEGER, UNIQUE (origin,"
        + " sequence))",
    "CREATE INDEX op_creation ON op (position) WHERE kind IN (1, 2)",
    // What is shown: of several ops that are one message, the first in reading order.
    "CREATE TABLE message (conversation TEXT NOT NULL, place BLOB NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (conversation, place)) WITHOUT ROWID",
    "CREATE TABLE authored (author TEXT NOT NULL, message_id TEXT NOT NULL, position INTEGER NOT"
        + " NULL, PRIMARY KEY (author, message_id, position)) WITHOUT ROWID",
    // Ops that are one message, where there are several: each with the first applied here.
    "CREATE TABLE twin (position INTEGER PRIMARY KEY, first INTEGER NOT NULL)",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL, checksum INTEGER)"
        + " WITHOUT ROWID",
  };

  /** What finds folds, and ops of unknown kind. */
  private static final String UNSEEN_INDEX =
      "CREATE INDEX op_unseen ON op (position) WHERE kind = 0";

  private static final Map<String, List<String>> COLUMNS =
      Map.of(
          "origin", List.of("id", "server", "incarnation"),
          "op", List.of("position", "origin", "sequence", "kind", "content", "checksum"),
          "message", List.of("conversation", "place", "position"),
          "authored", List.of("author", "message_id", "position"),
          "twin", List.of("position", "first"),
          "state", List.of("name", "value", "checksum"),
          "authored_run", List.of("author", "prefix", "first", "position", "count"),
          "said", List.of("second", "digest", "position"),
          "said_block", List.of("second", "position", "digests"));

  /** What older files have, for the writing of releases that now refuse them. */
  private static final List<String> OLD_TRIGGERS = List.of("state_unprotected", "op_unprotected");

  private LogSchema() {}

  /**
   * Makes what a file lacks, in one transaction; reads and writes no ops but for a file without
   * {@link SaidIndex} or the index of folds.
   *
   * @param statement of the connection, which commits by itself before and after
   * @throws Refused for a file of a newer version
   * @throws SQLException also as {@link LogDamage#found}
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
    boolean hasTables = !columns(connection, "op").isEmpty();
    if (version < 0 || hasTables != (version > 0)) {
      throw LogDamage.found("the schema has the version " + version);
    }
    if (version < VERSION || !isWhole(connection)) {
      connection.setAutoCommit(false);
      complete(connection, statement, version);
      connection.commit();
      connection.setAutoCommit(true);
    }
    for (Map.Entry<String, List<String>> table : COLUMNS.entrySet()) {
      if (!columns(connection, table.getKey()).containsAll(table.getValue())) {
        throw LogDamage.found("the table " + table.getKey() + " lacks columns");
      }
    }
  }

  private static boolean isWhole(Connection connection) throws SQLException {
    return indexes(connection).contains(UNSEEN_INDEX);
  }

  private static void complete(Connection connection, Statement statement, int version)
      throws SQLException {
    if (version == 0) {
      for (String table : FIRST_TABLES) {
        statement.execute(table);
      }
    }
    if (version < 2) {
      statement.execute(SaidIndex.TABLE);
    }
    if (version < 3) {
      statement.execute(SaidIndex.BLOCKS);
      statement.execute(AuthoredIndex.RUNS);
    }
    for (String table : List.of("op", "state")) {
      if (!columns(connection, table).contains("checksum")) {
        statement.execute("ALTER TABLE %s ADD COLUMN checksum INTEGER".formatted(table));
        statement.execute(
            "INSERT OR REPLACE INTO state (name, value) VALUES ('%s', 1)".formatted(REGROUP));
      }
    }
    Set<String> known = indexes(connection);
    if (!known.contains(UNSEEN_INDEX)) {
      statement.execute("DROP INDEX IF EXISTS op_unseen");
      statement.execute(UNSEEN_INDEX);
    }
    for (String trigger : OLD_TRIGGERS) {
      statement.execute("DROP TRIGGER IF EXISTS " + trigger);
    }
    if (version < 2) {
      SaidIndex.fill(connection);
    }
    statement.execute("PRAGMA user_version=" + VERSION);
  }

  private static Set<String> columns(Connection connection, String table) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT name FROM pragma_table_info(?)")) {
      select.setString(1, table);
      return texts(select);
    }
  }

  /** The indexes that statements made. */
  private static Set<String> indexes(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")) {
      return texts(select);
    }
  }

  private static Set<String> texts(PreparedStatement select) throws SQLException {
    Set<String> texts = new HashSet<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        texts.add(row.getString(1));
      }
    }
    return texts;
  }
}
