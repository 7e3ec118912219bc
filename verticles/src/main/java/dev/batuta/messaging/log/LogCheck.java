package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Origin;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Looks a file through, a little at a time, while it is written or not. Damage is what an op is not
 * that was written, or its number, or its absence; what follows from the ops, {@link MessageIndex},
 * is only told to be wrong. Used by one thread, except where said.
 */
final class LogCheck implements AutoCloseable {
  private static final int MOST_OPS = 256;

  /** Hears of ops whose rows in {@link MessageIndex} are wrong. */
  @FunctionalInterface
  interface Stale {
    /** Of some from one position to another, both inclusive. */
    void found(long from, long to);
  }

  private final Connection connection;
  private final Stale stale;
  private final Statement statement;
  private final PreparedStatement ops;
  private final PreparedStatement numbered;
  private final MessageIndex index;

  /** The position of the last op that was looked at. */
  private long behind;

  /** The position of the last op that is looked at. */
  private final long last;

  private boolean closed; // guarded by this

  /** Of a file, by a connection of its own. */
  static LogCheck of(Path path, Stale stale) throws SQLException {
    Connection connection = LogConnection.openToRead(path);
    try {
      return new LogCheck(connection, stale);
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
  }

  private LogCheck(Connection connection, Stale stale) throws SQLException {
    this.connection = connection;
    this.stale = stale;
    connection.setAutoCommit(false);
    statement = connection.createStatement();
    // By an index, SQLite would give origin and sequence from there and not from the row.
    ops =
        connection.prepareStatement(
            "SELECT "
                + LogRow.COLUMNS
                + " FROM op o NOT INDEXED CROSS JOIN origin r ON r.id = o.origin"
                + " WHERE o.position > ? AND o.position <= ? ORDER BY o.position");
    numbered =
        connection.prepareStatement(
            "SELECT o.position FROM origin r CROSS JOIN op o ON o.origin = r.id"
                + " WHERE r.server = ? AND r.incarnation = ? AND o.sequence = ?");
    index = new MessageIndex(connection);
    try (LogRows rows = new LogRows(connection)) {
      LogRow end = rows.last();
      last = end == null ? 0 : end.last();
    }
    connection.rollback();
  }

  /**
   * Looks at the structure of the whole file at once, and so not beside a server: it takes as long
   * as to read the file, and nothing is given back to the disk meanwhile.
   *
   * @throws SQLException as {@link LogDamage#found}, or when the file cannot be read
   */
  void structure() throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      String verdict = row.next() ? row.getString(1) : "no verdict";
      if (!verdict.equals("ok")) {
        throw LogDamage.found(verdict.replace('\n', ' '));
      }
    }
    connection.rollback();
  }

  /**
   * Looks at some more ops.
   *
   * @return false when there are none
   * @throws SQLException as {@link #structure}
   */
  boolean more() throws SQLException {
    if (behind == last) {
      return false;
    }
    ops.setLong(1, behind);
    ops.setLong(2, last);
    long from = behind + 1;
    long enough = Math.min(last, behind + MOST_OPS);
    boolean isRight = true;
    try (ResultSet row = ops.executeQuery()) {
      while (behind < enough && row.next()) {
        LogRow read = LogRow.of(row);
        if (read.position() != behind + 1) {
          break;
        }
        behind = read.last();
        checkNumber(read);
        for (OpLog.Entry entry : read.entries()) {
          isRight &= !(entry.content() instanceof Content.Said said) || index.isRight(entry, said);
        }
      }
    }
    if (behind < enough) {
      throw LogDamage.found("the op at %d is missing".formatted(behind + 1));
    }
    connection.rollback();
    if (!isRight) {
      stale.found(from, behind);
    }
    return true;
  }

  private void checkNumber(LogRow read) throws SQLException {
    Origin origin = read.origin();
    numbered.setString(1, origin.server());
    numbered.setLong(2, origin.incarnation());
    numbered.setLong(3, read.sequence());
    try (ResultSet row = numbered.executeQuery()) {
      if (!row.next() || row.getLong(1) != read.position()) {
        throw LogDamage.found(
            "op %d of %s is not found by its number".formatted(read.sequence(), origin.server()));
      }
    }
  }

  /** Breaks off what another thread looks at in this moment, if it does; any thread. */
  synchronized void cancel() throws SQLException {
    if (!closed) {
      statement.cancel();
    }
  }

  @Override
  public synchronized void close() throws SQLException {
    closed = true;
    connection.close();
  }
}
