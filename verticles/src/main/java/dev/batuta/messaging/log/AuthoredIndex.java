package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds ops by their author and message id. Messages of a batch have ids that are counted, {@code
 * KEY#0}, {@code KEY#1}: for those that follow each other in one row of the log there is one row
 * here. What it gives are places to look at: whether the op there has that author and id is for the
 * asker to see. Used as its connection is.
 */
final class AuthoredIndex implements AutoCloseable {
  static final String RUNS =
      "CREATE TABLE authored_run (author TEXT NOT NULL, prefix TEXT NOT NULL, first INTEGER NOT"
          + " NULL, position INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (author, prefix,"
          + " first, position)) WITHOUT ROWID";

  private static final int MOST_DIGITS = 9;

  private final PreparedStatement one;
  private final PreparedStatement insertOne;
  private final PreparedStatement run;
  private final PreparedStatement insertRun;
  private final PreparedStatement anyOne;
  private final PreparedStatement anyRun;
  private @Nullable Asked asked;

  AuthoredIndex(Connection connection) throws SQLException {
    one =
        connection.prepareStatement(
            "SELECT position FROM authored WHERE author = ? AND message_id = ?");
    insertOne =
        connection.prepareStatement(
            "INSERT INTO authored (author, message_id, position) VALUES (?, ?, ?)");
    run =
        connection.prepareStatement(
            "SELECT position - first FROM authored_run WHERE author = ? AND prefix = ? AND first"
                + " BETWEEN ? AND ? AND first + count > ?");
    insertRun =
        connection.prepareStatement(
            "INSERT INTO authored_run (author, prefix, first, position, count) VALUES (?, ?, ?, ?,"
                + " ?)");
    anyOne =
        connection.prepareStatement(
            "SELECT 1 FROM authored WHERE author = ? AND message_id >= ? AND message_id < ? LIMIT"
                + " 1");
    anyRun =
        connection.prepareStatement(
            "SELECT 1 FROM authored_run WHERE author = ? AND prefix = ? LIMIT 1");
  }

  /** An id that ends in a number behind a #. */
  private record Counted(String prefix, long number) {
    static @Nullable Counted of(String id) {
      int digits = id.length() - 1 - id.lastIndexOf('#');
      if (digits < 1 || digits > MOST_DIGITS || digits == id.length()) {
        return null;
      }
      long number = 0;
      for (int i = id.length() - digits; i < id.length(); i++) {
        char digit = id.charAt(i);
        if (digit < '0' || digit > '9') {
          return null;
        }
        number = number * 10 + digit - '0';
      }
      boolean isOneOfTwo = digits > 1 && id.charAt(id.length() - digits) == '0'; // 1 and 01
      return isOneOfTwo ? null : new Counted(id.substring(0, id.length() - digits), number);
    }
  }

  /**
   * What was asked for last. Where nothing was there of an author and prefix, only the numbers that
   * came since are looked for: so nobody looks for each message of a new batch.
   */
  private static final class Asked {
    private final String author;
    private final String prefix;
    private final boolean wasThere;
    private long least = Long.MAX_VALUE;
    private long most = -1;

    private Asked(String author, String prefix, boolean wasThere) {
      this.author = author;
      this.prefix = prefix;
      this.wasThere = wasThere;
    }

    private boolean isOf(String author, Counted id) {
      return this.author.equals(author) && prefix.equals(id.prefix());
    }

    private void come(long first, long last) {
      least = Math.min(least, first);
      most = Math.max(most, last);
    }

    private boolean mayHave(long number) {
      return wasThere || (least <= number && number <= most);
    }
  }

  /**
   * Positions in their order, for who makes all rows of this index by this object.
   *
   * @param author folded, see {@link Name#fold}
   */
  List<Long> known(String author, String id) throws SQLException {
    Counted counted = Counted.of(id);
    if (counted != null) {
      Asked last = asked;
      if (last == null || !last.isOf(author, counted)) {
        last = new Asked(author, counted.prefix(), hasAny(author, counted.prefix()));
        asked = last;
      }
      if (!last.mayHave(counted.number())) {
        return List.of();
      }
    }
    return positions(author, id, counted);
  }

  /** Positions in their order, on the disk as it is. */
  List<Long> positions(String author, String id) throws SQLException {
    return positions(author, id, Counted.of(id));
  }

  private List<Long> positions(String author, String id, @Nullable Counted counted)
      throws SQLException {
    List<Long> positions = new ArrayList<>();
    one.setString(1, author);
    one.setString(2, id);
    try (ResultSet row = one.executeQuery()) {
      while (row.next()) {
        positions.add(row.getLong(1));
      }
    }
    if (counted != null) {
      long number = counted.number();
      run.setString(1, author);
      run.setString(2, counted.prefix());
      run.setLong(3, number - LogRow.MOST_OPS + 1);
      run.setLong(4, number);
      run.setLong(5, number);
      try (ResultSet row = run.executeQuery()) {
        while (row.next()) {
          positions.add(row.getLong(1) + number);
        }
      }
    }
    Collections.sort(positions);
    return positions;
  }

  private boolean hasAny(String author, String prefix) throws SQLException {
    anyRun.setString(1, author);
    anyRun.setString(2, prefix);
    try (ResultSet row = anyRun.executeQuery()) {
      if (row.next()) {
        return true;
      }
    }
    anyOne.setString(1, author);
    anyOne.setString(2, prefix);
    anyOne.setString(3, prefix.substring(0, prefix.length() - 1) + '$'); // behind all with #
    try (ResultSet row = anyOne.executeQuery()) {
      return row.next();
    }
  }

  /** Adds the messages of one row of the log. */
  void add(List<OpLog.Entry> entries) throws SQLException {
    Run open = null;
    for (OpLog.Entry entry : entries) {
      if (open != null && open.takes(entry)) {
        open.count++;
        continue;
      }
      write(open);
      open = ((Content.Said) entry.content()).messageId().isEmpty() ? null : new Run(entry);
    }
    write(open);
  }

  /** Messages whose ids are counted one after the other. */
  private static final class Run {
    private final String author;
    private final String id;
    private final long position;
    private final @Nullable Counted first;
    private int count = 1;

    private Run(OpLog.Entry entry) {
      Content.Said said = (Content.Said) entry.content();
      this.author = Name.fold(said.author());
      this.id = said.messageId();
      this.position = entry.position();
      this.first = Counted.of(id);
    }

    private boolean takes(OpLog.Entry entry) {
      Content.Said said = (Content.Said) entry.content();
      Counted next = Counted.of(said.messageId());
      return first != null
          && next != null
          && first.prefix().equals(next.prefix())
          && first.number() + count == next.number()
          && position + count == entry.position()
          && author.equals(Name.fold(said.author()));
    }
  }

  private void write(@Nullable Run written) throws SQLException {
    if (written == null) {
      return;
    }
    Counted first = written.first;
    if (first == null || written.count == 1) {
      insertOne.setString(1, written.author);
      insertOne.setString(2, written.id);
      insertOne.setLong(3, written.position);
      insertOne.executeUpdate();
    } else {
      insertRun.setString(1, written.author);
      insertRun.setString(2, first.prefix());
      insertRun.setLong(3, first.number());
      insertRun.setLong(4, written.position);
      insertRun.setInt(5, written.count);
      insertRun.executeUpdate();
    }
    Asked last = asked;
    if (first != null && last != null && last.isOf(written.author, first)) {
      last.come(first.number(), first.number() + written.count - 1);
    }
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(one, insertOne, run, insertRun, anyOne, anyRun)) {
      statement.close();
    }
  }
}
