package dev.batuta.messaging.log;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.OptionalLong;

/** Numbers by name beside the ops, each with a checksum. Used as its connection is. */
final class LogState implements AutoCloseable {
  private final PreparedStatement select;
  private final PreparedStatement put;

  LogState(Connection connection) throws SQLException {
    select = connection.prepareStatement("SELECT value, checksum FROM state WHERE name = ?");
    put =
        connection.prepareStatement(
            "INSERT INTO state (name, value, checksum) VALUES (?, ?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum ="
                + " excluded.checksum WHERE value IS NOT excluded.value OR checksum IS NOT"
                + " excluded.checksum");
  }

  boolean isPut(String name) throws SQLException {
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      return row.next();
    }
  }

  /**
   * 0 for what was never put.
   *
   * @throws SQLException as {@link LogDamage#found} when it is not what was written
   */
  long get(String name) throws SQLException {
    return written(name)
        .orElseThrow(() -> LogDamage.found("the state " + name + " is not what was written"));
  }

  /** What was put, 0 where nothing was; empty when it is not what was written. */
  OptionalLong written(String name) throws SQLException {
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return OptionalLong.of(0);
      }
      long value = row.getLong(1);
      long checksum = row.getLong(2);
      return row.wasNull() || checksum == LogDamage.checksum(name, value)
          ? OptionalLong.of(value)
          : OptionalLong.empty();
    }
  }

  void put(String name, long value) throws SQLException {
    put.setString(1, name);
    put.setLong(2, value);
    put.setLong(3, LogDamage.checksum(name, value));
    put.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    select.close();
    put.close();
  }
}
