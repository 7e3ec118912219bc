package dev.batuta.database;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A MariaDB at an address of this machine that other network namespaces reach, migrated, which
 * remembers every epoch: a trigger writes each change of the epoch row down.
 */
public final class ReachableDatabase implements AutoCloseable {
  /**
   * A change of the epoch row.
   *
   * @param atMillis when it was made, by the clock of this machine
   */
  public record Epoch(long epoch, String holder, long atMillis) {}

  private final EmbeddedDatabase server;

  private ReachableDatabase(EmbeddedDatabase server) {
    this.server = server;
  }

  /** Starts one in a folder of its own. */
  public static ReachableDatabase start(Path folder, String host) {
    ReachableDatabase database = new ReachableDatabase(EmbeddedDatabase.start(folder, 0, host));
    Migrations.run(database.address());
    database.execute(
        """
        CREATE TABLE epoch_history (
          number BIGINT AUTO_INCREMENT PRIMARY KEY, epoch BIGINT, holder VARCHAR(64),
          at_millis BIGINT)
        """);
    database.execute(
        """
        CREATE TRIGGER epoch_changes AFTER UPDATE ON epoch FOR EACH ROW
        INSERT INTO epoch_history (epoch, holder, at_millis)
        SELECT NEW.epoch, NEW.holder, FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)
        FROM DUAL WHERE NEW.epoch <> OLD.epoch OR NEW.holder <> OLD.holder
        """);
    return database;
  }

  public DatabaseAddress address() {
    return server.address();
  }

  public long pid() {
    return server.pid();
  }

  /** All epochs, in the order in which they were written. */
  public List<Epoch> epochs() {
    DatabaseAddress address = address();
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT epoch, holder, at_millis FROM epoch_history ORDER BY number")) {
      List<Epoch> epochs = new ArrayList<>();
      while (rows.next()) {
        epochs.add(new Epoch(rows.getLong(1), rows.getString(2), rows.getLong(3)));
      }
      return epochs;
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
  }

  private void execute(String sql) {
    DatabaseAddress address = address();
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
