package dev.batuta.messaging.log;

import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.OpId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * The rows by which messages are found and read: what is shown of a conversation, who said what
 * under which id, which ops are one message. All of it follows from the ops, so that what is wrong
 * here is no loss: it is made anew. Used as its connection is, except where said.
 */
final class MessageIndex implements AutoCloseable {
  private final Connection connection;
  private final LogRows rows;
  private final SaidIndex saidIndex;
  private final AuthoredIndex authoredIndex;
  private final Twins twins;

  /** What was added of a row of the log that is not whole yet. */
  private final Map<Author, List<OpLog.Entry>> open = new HashMap<>();

  private final PreparedStatement shown;
  private final PreparedStatement show;
  private final PreparedStatement hide;

  /** Who said something under an id; the name as {@link Name#fold} gives it. */
  private record Author(String name, String messageId) {
    static Author of(Content.Said said) {
      return new Author(Name.fold(said.author()), said.messageId());
    }
  }

  MessageIndex(Connection connection) throws SQLException {
    this.connection = connection;
    rows = new LogRows(connection);
    saidIndex = new SaidIndex(connection);
    authoredIndex = new AuthoredIndex(connection);
    twins = new Twins(connection);
    shown =
        connection.prepareStatement(
            "SELECT position FROM message WHERE conversation = ? AND place = ?");
    show =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO message (conversation, place, position) VALUES (?, ?, ?)");
    hide = connection.prepareStatement("DELETE FROM message WHERE conversation = ? AND place = ?");
  }

  /** Reads what this object remembers. */
  void load() throws SQLException {
    twins.load();
  }

  /** The other ops that are the same message; any thread. */
  List<OpId> twins(long of) {
    return twins.of(of);
  }

  /** The positions of the ops that are one message with one of them; any thread. */
  List<Long> sameMessage(long position) {
    return twins.positions(position);
  }

  /** The ops of an author and message id, whatever they say; none where there is no id. */
  List<OpLog.Entry> authored(Content.Said said) throws SQLException {
    if (said.messageId().isEmpty()) {
      return List.of();
    }
    Author author = Author.of(said);
    List<Long> positions = authoredIndex.known(author.name(), author.messageId());
    List<OpLog.Entry> added = open.getOrDefault(author, List.of());
    return positions.isEmpty()
        ? List.copyOf(added)
        : Stream.concat(by(author, positions).stream(), added.stream()).toList();
  }

  /** The ops of an author and id among those at some positions. */
  private List<OpLog.Entry> by(Author author, List<Long> positions) throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>();
    for (long position : positions) {
      OpLog.@Nullable Entry entry = rows.at(position);
      if (entry != null
          && entry.content() instanceof Content.Said said
          && author.equals(Author.of(said))) {
        entries.add(entry);
      }
    }
    return entries;
  }

  /** The one that is shown of those that say the same, or null. */
  static OpLog.@Nullable Entry shownOf(List<OpLog.Entry> authored, Content.Said said) {
    return authored.stream()
        .filter(entry -> said.saysTheSame((Content.Said) entry.content()))
        .min(Comparator.comparing(OpLog.Entry::place))
        .orElse(null);
  }

  /** An op by which the same author said the same at the same place in the same second, or null. */
  OpLog.@Nullable Entry findSaid(Content.Said said) throws SQLException {
    @Nullable Long position = saidIndex.find(said);
    OpLog.@Nullable Entry found = position == null ? null : rows.at(position);
    return found != null
            && found.content() instanceof Content.Said other
            && said.saysTheSame(other)
            && Name.fold(said.author()).equals(Name.fold(other.author()))
        ? found
        : null;
  }

  /**
   * Adds an op, which is found by its words only once its row is.
   *
   * @param known what {@link #authored} gave before it was there
   */
  void add(OpLog.Entry entry, Content.Said said, List<OpLog.Entry> known) throws SQLException {
    if (!said.messageId().isEmpty()) {
      open.computeIfAbsent(Author.of(said), first -> new ArrayList<>(1)).add(entry);
    }
    OpLog.@Nullable Entry first = shownOf(known, said);
    if (first != null) {
      twins.add(first, entry.position(), entry.op().id());
      if (first.place().compareTo(entry.place()) < 0) {
        return;
      }
      hide(first);
    }
    show(entry);
  }

  /** Adds the words of a row of the log, which is written now. */
  void addWords(List<OpLog.Entry> row) throws SQLException {
    open.clear();
    saidIndex.add(row);
    authoredIndex.add(row);
  }

  private void show(OpLog.Entry entry) throws SQLException {
    show.setString(1, conversation(entry));
    show.setBytes(2, entry.place().toBytes());
    show.setLong(3, entry.position());
    show.executeUpdate();
  }

  private void hide(OpLog.Entry entry) throws SQLException {
    hide.setString(1, conversation(entry));
    hide.setBytes(2, entry.place().toBytes());
    hide.executeUpdate();
  }

  private static String conversation(OpLog.Entry entry) {
    return ((Content.Said) entry.content()).conversation();
  }

  /** Whether an op has the rows that it must have, and no other. */
  boolean isRight(OpLog.Entry entry, Content.Said said) throws SQLException {
    long position = entry.position();
    List<OpLog.Entry> same = List.of(entry);
    if (!said.messageId().isEmpty()) {
      Author author = Author.of(said);
      List<Long> known = authoredIndex.positions(author.name(), author.messageId());
      if (!known.contains(position)) {
        return false;
      }
      if (known.size() > 1) {
        same =
            by(author, known).stream()
                .filter(other -> said.saysTheSame((Content.Said) other.content()))
                .toList();
      }
    }
    long first = same.size() > 1 ? same.getFirst().position() : 0;
    OpLog.@Nullable Entry shownOne = shownOf(same, said);
    boolean isShown = shownOne != null && shownOne.position() == position;
    return saidIndex.has(said, position)
        && twins.first(position) == first
        && shownAt(entry) == (isShown ? position : 0);
  }

  /** 0 where nothing is. */
  private long shownAt(OpLog.Entry entry) throws SQLException {
    shown.setString(1, conversation(entry));
    shown.setBytes(2, entry.place().toBytes());
    try (ResultSet row = shown.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /**
   * Makes the rows anew of the ops from one position to another, and of all that are in a row of
   * the log with them; reads each table once.
   *
   * @throws SQLException also as {@link LogDamage#found}, where a row that was deleted is still met
   */
  void renew(long from, long to) throws SQLException {
    try {
      LogRow row = row(from);
      remove(row.position(), row(to).last());
      for (; row != null && row.position() <= to; row = rows.with(row.last() + 1)) {
        List<OpLog.Entry> said =
            row.entries().stream()
                .filter(entry -> entry.content() instanceof Content.Said)
                .toList();
        addWords(said);
        for (OpLog.Entry entry : said) {
          Content.Said words = (Content.Said) entry.content();
          group(words.messageId().isEmpty() ? List.of(entry) : authored(words));
        }
      }
    } catch (SQLException failure) {
      // A row that stands where its key does not belong is seen, and not found by its key.
      throw failure.getErrorCode() == SQLiteErrorCode.SQLITE_CONSTRAINT.code
          ? LogDamage.found("rows of the message index are not in their order")
          : failure;
    }
    load();
  }

  private LogRow row(long position) throws SQLException {
    LogRow row = rows.with(position);
    if (row == null) {
      throw LogDamage.found("the op at %d is missing".formatted(position));
    }
    return row;
  }

  private void remove(long from, long to) throws SQLException {
    for (String table :
        List.of("message", "authored", "authored_run", "said", "said_block", "twin")) {
      try (PreparedStatement delete =
          connection.prepareStatement(
              "DELETE FROM %s WHERE position BETWEEN ? AND ?".formatted(table))) {
        delete.setLong(1, from);
        delete.setLong(2, to);
        delete.executeUpdate();
      }
    }
  }

  /** Groups anew what has one author and id: an older version took that for one message. */
  void regroup() throws SQLException {
    List<Author> several = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "SELECT author, message_id FROM authored GROUP BY author, message_id"
                    + " HAVING count(*) > 1")) {
      while (row.next()) {
        several.add(new Author(row.getString(1), row.getString(2)));
      }
    }
    for (Author author : several) {
      group(by(author, authoredIndex.positions(author.name(), author.messageId())));
    }
  }

  private void group(List<OpLog.Entry> authored) throws SQLException {
    for (OpLog.Entry entry : authored) {
      hide(entry);
      twins.remove(entry.position());
    }
    Collection<List<OpLog.Entry>> messages = inMessages(authored).values();
    for (List<OpLog.Entry> same : messages) {
      show(same.stream().min(Comparator.comparing(OpLog.Entry::place)).orElseThrow());
      if (same.size() > 1) {
        for (OpLog.Entry entry : same) {
          twins.put(entry.position(), same.getFirst().position());
        }
      }
    }
  }

  private static Map<List<String>, List<OpLog.Entry>> inMessages(List<OpLog.Entry> authored) {
    return authored.stream()
        .collect(
            Collectors.groupingBy(
                entry -> List.of(conversation(entry), ((Content.Said) entry.content()).text())));
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : List.of(shown, show, hide)) {
      statement.close();
    }
    rows.close();
    saidIndex.close();
    authoredIndex.close();
    twins.close();
  }
}
