package dev.batuta.messaging.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Name;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds an op by who said what, where and in which second, whatever id it has: as other systems,
 * which know of no ids, tell of it. One row for what one row of the log has of one second, in the
 * order of time, so that adding one costs little and finding one depends only on how many there are
 * in its second. Used as its connection is.
 */
final class SaidIndex implements AutoCloseable {
  static final String TABLE =
      "CREATE TABLE said (second INTEGER NOT NULL, digest INTEGER NOT NULL, position INTEGER NOT"
          + " NULL, PRIMARY KEY (second, digest, position)) WITHOUT ROWID";

  /** Of several messages: for each a byte, how far it is behind the position, and its digest. */
  static final String BLOCKS =
      "CREATE TABLE said_block (second INTEGER NOT NULL, position INTEGER NOT NULL, digests BLOB"
          + " NOT NULL, PRIMARY KEY (second, position)) WITHOUT ROWID";

  private static final int DIGEST_BYTES = 1 + Long.BYTES;

  private final PreparedStatement insert;
  private final PreparedStatement insertBlock;
  private final PreparedStatement select;
  private final PreparedStatement selectBlocks;

  SaidIndex(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement("INSERT INTO said (second, digest, position) VALUES (?, ?, ?)");
    insertBlock =
        connection.prepareStatement(
            "INSERT INTO said_block (second, position, digests) VALUES (?, ?, ?)");
    select =
        connection.prepareStatement(
            "SELECT position FROM said WHERE second = ? AND digest = ? AND position BETWEEN ? AND ?"
                + " ORDER BY position LIMIT 1");
    selectBlocks =
        connection.prepareStatement(
            "SELECT position, digests FROM said_block WHERE second = ? AND position BETWEEN ? AND ?"
                + " ORDER BY position");
  }

  /** Adds all ops that a file has. */
  static void fill(Connection connection) throws SQLException {
    try (SaidIndex index = new SaidIndex(connection);
        PreparedStatement all =
            connection.prepareStatement(LogRow.SELECT + " WHERE o.kind IN (3, 4)");
        ResultSet row = all.executeQuery()) {
      while (row.next()) {
        index.add(
            LogRow.of(row).entries().stream()
                .filter(entry -> entry.content() instanceof Content.Said)
                .toList());
      }
    }
  }

  /** Adds the messages of one row of the log. */
  void add(List<OpLog.Entry> entries) throws SQLException {
    Map<Long, List<OpLog.Entry>> bySecond = new TreeMap<>();
    for (OpLog.Entry entry : entries) {
      long second = second((Content.Said) entry.content());
      bySecond.computeIfAbsent(second, first -> new ArrayList<>()).add(entry);
    }
    for (Map.Entry<Long, List<OpLog.Entry>> some : bySecond.entrySet()) {
      if (some.getValue().size() == 1) {
        OpLog.Entry entry = some.getValue().getFirst();
        insert.setLong(1, some.getKey());
        insert.setLong(2, digest((Content.Said) entry.content()));
        insert.setLong(3, entry.position());
        insert.executeUpdate();
      } else {
        insertBlock.setLong(1, some.getKey());
        insertBlock.setLong(2, some.getValue().getFirst().position());
        insertBlock.setBytes(3, digests(some.getValue()));
        insertBlock.executeUpdate();
      }
    }
  }

  private static byte[] digests(List<OpLog.Entry> entries) {
    long first = entries.getFirst().position();
    ByteBuffer digests = ByteBuffer.allocate(DIGEST_BYTES * entries.size());
    for (OpLog.Entry entry : entries) {
      digests.put((byte) (entry.position() - first));
      digests.putLong(digest((Content.Said) entry.content()));
    }
    return digests.array();
  }

  /** The position of the first that was applied here, or null. */
  @Nullable Long find(Content.Said said) throws SQLException {
    return find(said, 0, Long.MAX_VALUE);
  }

  boolean has(Content.Said said, long position) throws SQLException {
    return find(said, position, position) != null;
  }

  /** The first of those from one position to another, both inclusive. */
  private @Nullable Long find(Content.Said said, long from, long to) throws SQLException {
    long digest = digest(said);
    Long first = findAlone(said, digest, from, to);
    selectBlocks.setLong(1, second(said));
    selectBlocks.setLong(2, Math.max(0, from - LogRow.MOST_OPS + 1));
    selectBlocks.setLong(3, first == null ? to : first);
    try (ResultSet row = selectBlocks.executeQuery()) {
      while (row.next()) {
        ByteBuffer digests = ByteBuffer.wrap(row.getBytes(2));
        while (digests.remaining() >= DIGEST_BYTES) {
          long position = row.getLong(1) + Byte.toUnsignedInt(digests.get());
          if (digests.getLong() == digest && from <= position && position <= to) {
            return first == null ? position : Math.min(first, position);
          }
        }
      }
    }
    return first;
  }

  private @Nullable Long findAlone(Content.Said said, long digest, long from, long to)
      throws SQLException {
    select.setLong(1, second(said));
    select.setLong(2, digest);
    select.setLong(3, from);
    select.setLong(4, to);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  private static long second(Content.Said said) {
    return Math.floorDiv(said.timeMillis(), 1_000L);
  }

  /** Of two authors in a conversation the one who says it also says to whom. */
  static long digest(Content.Said said) {
    MessageDigest sha256 = MessageId.sha256();
    Stream.of(Name.fold(said.author()), said.conversation(), said.text())
        .map(part -> part.getBytes(UTF_8))
        .forEach(
            part -> {
              sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
              sha256.update(part);
            });
    return ByteBuffer.wrap(sha256.digest()).getLong();
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(insert, insertBlock, select, selectBlocks)) {
      statement.close();
    }
  }
}
