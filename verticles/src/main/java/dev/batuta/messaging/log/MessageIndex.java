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
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * The rows by which messages are found and read: what is shown of a conversation, who said what
 * under which id, which ops are one message. All of it follows from the ops, so that what is wrong
 * here is no loss: it is made anew. Used as its connection is, except where said.
 */
final class MessageIndex implements AutoCloseable {
  private final Connection connection;
  private final SaidIndex saidIndex;
  private final Twins twins;
  private final PreparedStatement at;
  private final PreparedStatement authored;
  private final PreparedStatement addAuthored;
  private final PreparedStatement shown;
  private final PreparedStatement show;
  private final PreparedStatement hide;

  MessageIndex(Connection connection) throws SQLException {
    this.connection = connection;
    saidIndex = new SaidIndex(connection);
    twins = new Twins(connection);
    at = connection.prepareStatement(LogFile.ENTRIES + " WHERE o.position = ?");
    authored =
        connection.prepareStatement(
            "SELECT position FROM authored WHERE author = ? AND message_id = ?");
    addAuthored =
        connection.prepareStatement(
            "INSERT INTO authored (author, message_id, position) VALUES (?, ?, ?)");
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
    return said.messageId().isEmpty()
        ? List.of()
        : authored(Name.fold(said.author()), said.messageId());
  }

  private List<OpLog.Entry> authored(String author, String messageId) throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>();
    for (long position : positions(author, messageId)) {
      OpLog.@Nullable Entry entry = at(position);
      if (entry != null
          && entry.content() instanceof Content.Said said
          && said.messageId().equals(messageId)
          && Name.fold(said.author()).equals(author)) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private List<Long> positions(String author, String messageId) throws SQLException {
    authored.setString(1, author);
    authored.setString(2, messageId);
    List<Long> positions = new ArrayList<>();
    try (ResultSet row = authored.executeQuery()) {
      while (row.next()) {
        positions.add(row.getLong(1));
      }
    }
    return positions;
  }

  private OpLog.@Nullable Entry at(long position) throws SQLException {
    at.setLong(1, position);
    try (ResultSet row = at.executeQuery()) {
      return row.next() ? LogFile.entry(row) : null;
    }
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
    OpLog.@Nullable Entry found = position == null ? null : at(position);
    return found != null
            && found.content() instanceof Content.Said other
            && said.saysTheSame(other)
            && Name.fold(said.author()).equals(Name.fold(other.author()))
        ? found
        : null;
  }

  /**
   * Adds an op.
   *
   * @param known what {@link #authored} gave before it was there
   */
  void add(OpLog.Entry entry, Content.Said said, List<OpLog.Entry> known) throws SQLException {
    addWords(entry, said);
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

  private void addWords(OpLog.Entry entry, Content.Said said) throws SQLException {
    saidIndex.add(said, entry.position());
    if (!said.messageId().isEmpty()) {
      addAuthored.setString(1, Name.fold(said.author()));
      addAuthored.setString(2, said.messageId());
      addAuthored.setLong(3, entry.position());
      addAuthored.executeUpdate();
    }
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
      List<Long> known = positions(Name.fold(said.author()), said.messageId());
      if (!known.contains(position)) {
        return false;
      }
      if (known.size() > 1) {
        same =
            authored(said).stream()
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
   * Makes the rows of the ops from one position to another anew; reads each table once.
   *
   * @throws SQLException also as {@link LogDamage#found}, where a row that was deleted is still met
   */
  void renew(long from, long to) throws SQLException {
    try {
      remove(from, to);
      for (long position = from; position <= to; position++) {
        OpLog.@Nullable Entry entry = at(position);
        if (entry != null && entry.content() instanceof Content.Said said) {
          addWords(entry, said);
          group(said.messageId().isEmpty() ? List.of(entry) : authored(said));
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

  private void remove(long from, long to) throws SQLException {
    for (String table : List.of("message", "authored", "said", "twin")) {
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
    record Key(String author, String messageId) {}
    List<Key> several = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "SELECT author, message_id FROM authored GROUP BY author, message_id"
                    + " HAVING count(*) > 1")) {
      while (row.next()) {
        several.add(new Key(row.getString(1), row.getString(2)));
      }
    }
    for (Key key : several) {
      group(authored(key.author(), key.messageId()));
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
    for (PreparedStatement statement : List.of(at, authored, addAuthored, shown, show, hide)) {
      statement.close();
    }
    saidIndex.close();
    twins.close();
  }
}
