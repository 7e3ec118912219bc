package dev.batuta.messaging.log;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Finds ops by their positions. Rows are never changed, and those that were used last are kept:
 * what is read together was mostly written together. Used as its connection is.
 */
final class LogRows implements AutoCloseable {
  private static final int KEPT = 32;

  private final PreparedStatement select;
  private final Deque<LogRow> kept = new ArrayDeque<>(KEPT);

  LogRows(Connection connection) throws SQLException {
    select =
        connection.prepareStatement(
            LogRow.SELECT + " WHERE o.position <= ? ORDER BY o.position DESC LIMIT 1");
  }

  /** The op at a position, or null. */
  OpLog.@Nullable Entry at(long position) throws SQLException {
    LogRow row = with(position);
    return row == null ? null : row.entry(position);
  }

  /** The row that has the op at a position, or null. */
  @Nullable LogRow with(long position) throws SQLException {
    for (Iterator<LogRow> rows = kept.iterator(); rows.hasNext(); ) {
      LogRow row = rows.next();
      if (row.has(position)) {
        rows.remove();
        kept.addLast(row);
        return row;
      }
    }
    select.setLong(1, position);
    try (ResultSet found = select.executeQuery()) {
      LogRow row = found.next() ? LogRow.of(found) : null;
      if (row == null || !row.has(position)) {
        return null;
      }
      if (kept.size() == KEPT) {
        kept.removeFirst();
      }
      kept.add(row);
      return row;
    }
  }

  /** The last row, or null. */
  @Nullable LogRow last() throws SQLException {
    select.setLong(1, Long.MAX_VALUE);
    try (ResultSet found = select.executeQuery()) {
      return found.next() ? LogRow.of(found) : null;
    }
  }

  @Override
  public void close() throws SQLException {
    select.close();
  }
}
