package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Origin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks a file through for damage, a little at a time, while it is written or not: its structure,
 * each op, and what finding and reading it needs. Used as its connection is,
 * which it takes over.
 */
final class LogCheck implements AutoCloseable {
  private static final int MOST_OPS = 256;

  private final Connection connection;
  private final Statement structure;
  private final PreparedStatement ops;
  private final PreparedStatement numbered;
  private final PreparedStatement authored;
  private final PreparedStatement shown;
  private final PreparedStatement twin;
  private final SaidIndex saidIndex;

  /** The positions of the last op that was looked at, and of the last of all. */
  private long behind;

  private long last;

  LogCheck(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    structure = connection.createStatement();
    // By an index, SQLite would give origin and sequence from there and not from the row.
    ops =
        connection.prepareStatement(
            "SELECT "
                + LogFile.COLUMNS
                + " FROM op o NOT INDEXED CROSS JOIN origin r ON r.id = o.origin"
                + " WHERE o.position > ? AND o.position <= ? ORDER BY o.position LIMIT "
                + MOST_OPS);
    numbered =
        connection.prepareStatement(
            "SELECT o.position FROM origin r CROSS JOIN op o ON o.origin = r.id"
                + " WHERE r.server = ? AND r.incarnation = ? AND o.sequence = ?");
    authored =
        connection.prepareStatement(
            "SELECT position FROM authored WHERE author = ? AND message_id = ?");
    shown =
        connection.prepareStatement(
            "SELECT position FROM message WHERE conversation = ? AND place = ?");
    twin = connection.prepareStatement("SELECT position FROM twin WHERE position = ?");
    saidIndex = new SaidIndex(connection);
  }

  /**
   * Looks at the structure; takes as long as to read the file once.
   *
   * @throws SQLException as {@link LogDamage#found}, or when the file cannot be read
   */
  void structure() throws SQLException {
    try (ResultSet row = structure.executeQuery("PRAGMA quick_check(1)")) {
      String verdict = row.next() ? row.getString(1) : "no verdict";
      if (!verdict.equals("ok")) {
        throw LogDamage.found(verdict.replace('\n', ' '));
      }
    }
    try (ResultSet row = structure.executeQuery("SELECT coalesce(max(position), 0) FROM op")) {
      last = row.next() ? row.getLong(1) : 0;
    }
    connection.rollback();
  }

  /**
   * Looks at some more ops, after {@link #structure}.
   *
   * @return false when there are none
   */
  boolean more() throws SQLException {
    if (behind == last) {
      return false;
    }
    ops.setLong(1, behind);
    ops.setLong(2, last);
    List<OpLog.Entry> entries = new ArrayList<>();
    try (ResultSet row = ops.executeQuery()) {
      while (row.next()) {
        entries.add(LogFile.entry(row));
      }
    }
    long end = Math.min(last, behind + MOST_OPS);
    for (OpLog.Entry entry : entries) {
      behind++;
      if (entry.position() != behind) {
        break;
      }
      look(entry);
    }
    if (behind != end || entries.getLast().position() != end) {
      throw LogDamage.found("the op at %d is missing".formatted(behind));
    }
    connection.rollback();
    return true;
  }

  private void look(OpLog.Entry entry) throws SQLException {
    Origin origin = entry.op().origin();
    numbered.setString(1, origin.server());
    numbered.setLong(2, origin.incarnation());
    numbered.setLong(3, entry.op().sequence());
    found(positions(numbered), entry, "its number");
    if (entry.content() instanceof Content.Said said) {
      boolean isTwin = false;
      if (!said.messageId().isEmpty()) {
        authored.setString(1, Name.fold(said.author()));
        authored.setString(2, said.messageId());
        List<Long> known = positions(authored);
        found(known, entry, "its author and id");
        isTwin = known.size() > 1;
      }
      if (isTwin) {
        twin.setLong(1, entry.position());
        found(positions(twin), entry, "the others of its author and id");
      } else {
        shown.setString(1, said.conversation());
        shown.setBytes(2, LogFile.place(entry).toBytes());
        found(positions(shown), entry, "its conversation");
      }
      if (!saidIndex.has(said, entry.position())) {
        found(List.of(), entry, "what it says");
      }
    }
  }

  private static List<Long> positions(PreparedStatement select) throws SQLException {
    List<Long> positions = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        positions.add(row.getLong(1));
      }
    }
    return positions;
  }

  private static void found(List<Long> positions, OpLog.Entry entry, String by)
      throws SQLException {
    if (!positions.contains(entry.position())) {
      throw LogDamage.found(
          "op %d of %s is not found by %s"
              .formatted(entry.op().sequence(), entry.op().origin().server(), by));
    }
  }

  /** Breaks off what another thread looks at. */
  void cancel() throws SQLException {
    structure.cancel();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
