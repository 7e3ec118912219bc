package dev.batuta.messaging.log;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Has SQLite end each transaction that adds an op, by itself, as it does on a full disk; on any
 * system and for any user.
 */
public record StuckDisk(Path path) {
  private static final String[] TRIGGERS = {
    "CREATE TRIGGER stuck_op BEFORE INSERT ON op BEGIN SELECT RAISE (ROLLBACK, 'stuck'); END",
    "CREATE TRIGGER stuck_room BEFORE INSERT ON state WHEN NEW.name = 'room' BEGIN SELECT RAISE"
        + " (ROLLBACK, 'stuck'); END"
  };

  /** From now on. */
  public static StuckDisk of(Path path) throws SQLException {
    execute(path, TRIGGERS);
    return new StuckDisk(path);
  }

  /** As before. */
  public void free() throws SQLException {
    execute(path, "DROP TRIGGER stuck_op", "DROP TRIGGER stuck_room");
  }

  private static void execute(Path path, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + path);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
