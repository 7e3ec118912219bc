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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds an op by who said what, where and in which second, whatever id it has: as other systems,
 * which know of no ids, tell of it. One row for each op, in the order of time, so that adding one
 * costs little and finding one does not depend on how many there are. Used as its connection is.
 */
final class SaidIndex implements AutoCloseable {
  static final String TABLE =
      "CREATE TABLE said (second INTEGER NOT NULL, digest INTEGER NOT NULL, position INTEGER NOT"
          + " NULL, PRIMARY KEY (second, digest, position)) WITHOUT ROWID";

  private final PreparedStatement insert;
  private final PreparedStatement select;
  private final PreparedStatement contains;

  SaidIndex(Connection connection) throws SQLException {
    insert =
        connection.prepareStatement("INSERT INTO said (second, digest, position) VALUES (?, ?, ?)");
    select =
        connection.prepareStatement(
            "SELECT position FROM said WHERE second = ? AND digest = ? ORDER BY position LIMIT 1");
    contains =
        connection.prepareStatement(
            "SELECT position FROM said WHERE second = ? AND digest = ? AND position = ?");
  }

  /** Adds all ops that a file has. */
  static void fill(Connection connection) throws SQLException {
    try (SaidIndex index = new SaidIndex(connection);
        PreparedStatement all =
            connection.prepareStatement("SELECT position, content FROM op WHERE kind IN (3, 4)");
        ResultSet row = all.executeQuery()) {
      while (row.next()) {
        if (Content.decode(row.getBytes(2)) instanceof Content.Said said) {
          index.add(said, row.getLong(1));
        }
      }
    }
  }

  void add(Content.Said said, long position) throws SQLException {
    insert.setLong(1, second(said));
    insert.setLong(2, digest(said));
    insert.setLong(3, position);
    insert.executeUpdate();
  }

  /** The position of the first that was applied here, or null. */
  @Nullable Long find(Content.Said said) throws SQLException {
    select.setLong(1, second(said));
    select.setLong(2, digest(said));
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  boolean has(Content.Said said, long position) throws SQLException {
    contains.setLong(1, second(said));
    contains.setLong(2, digest(said));
    contains.setLong(3, position);
    try (ResultSet row = contains.executeQuery()) {
      return row.next();
    }
  }

  private static long second(Content.Said said) {
    return Math.floorDiv(said.timeMillis(), 1_000L);
  }

  /** Of two authors in a conversation the one who says it also says to whom. */
  private static long digest(Content.Said said) {
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
    insert.close();
    select.close();
    contains.close();
  }
}
