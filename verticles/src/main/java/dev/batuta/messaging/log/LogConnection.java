package dev.batuta.messaging.log;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Connections to the file of a log. */
final class LogConnection {
  private static final int ROOM_BYTES = 1 << 20;

  private LogConnection() {}

  /** A connection that waits a little for another one's lock. */
  static Connection open(Path path) throws SQLException {
    // The driver would ask for generated keys after each insert, which costs more than the insert.
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + path + "?jdbc.get_generated_keys=false");
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
    }
    return connection;
  }

  /** A connection that changes nothing. */
  static Connection openToRead(Path path) throws SQLException {
    Connection connection = open(path);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA query_only=ON");
    }
    return connection;
  }

  /**
   * Proves that the disk takes again what it did not, by as much as many messages have.
   *
   * @param path of a file that is there: another one would be made
   * @throws SQLException when it does not
   */
  static void prove(Path path) throws SQLException {
    try (Connection connection = open(path);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA synchronous=FULL");
      // In two transactions: what one of them gives back is never written.
      statement.execute(
          "INSERT OR REPLACE INTO state (name, value, checksum) VALUES ('room', zeroblob(%d), 0)"
              .formatted(ROOM_BYTES));
      statement.execute("DELETE FROM state WHERE name = 'room'");
    }
  }
}
