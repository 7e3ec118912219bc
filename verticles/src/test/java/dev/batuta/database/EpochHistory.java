package dev.batuta.database;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Remembers every epoch of a migrated database: a trigger writes each change of its row down. */
public final class EpochHistory {
  /**
   * A change of the epoch row.
   *
   * @param atMillis when it was made, by the clock of the database
   */
  public record Epoch(long epoch, String holder, long atMillis) {}

  private final DatabaseAddress address;

  private EpochHistory(DatabaseAddress address) {
    this.address = address;
  }

  /** Begins; once for a database. */
  public static EpochHistory of(DatabaseAddress address) {
    EpochHistory history = new EpochHistory(address);
    history.execute(
        """
        CREATE TABLE epoch_history (
          number BIGINT AUTO_INCREMENT PRIMARY KEY, epoch BIGINT, holder VARCHAR(64),
          at_millis BIGINT)
        """);
    history.execute(
        """
        CREATE TRIGGER epoch_changes AFTER UPDATE ON epoch FOR EACH ROW
        INSERT INTO epoch_history (epoch, holder, at_millis)
        SELECT NEW.epoch, NEW.holder, FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)
        FROM DUAL WHERE NEW.epoch <> OLD.epoch OR NEW.holder <> OLD.holder
        """);
    history.execute(
        """
        INSERT INTO epoch_history (epoch, holder, at_millis)
        SELECT epoch, holder, FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000) FROM epoch WHERE epoch > 0
        """);
    return history;
  }

  /** All epochs, in the order in which they were written. */
  public List<Epoch> epochs() {
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
    try (var connection =
            DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException why) {
      throw new IllegalStateException(why);
    }
  }
}
