package dev.batuta.messaging.log;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Name;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import dev.batuta.messaging.replica.Replica;
import dev.batuta.messaging.replica.VersionVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The SQLite file of a server's copy, as its one writer uses it: the log of ops, and beside it what
 * reading needs, written in the same transactions. A commit is on the disk when it returns (WAL
 * with {@code synchronous=FULL}).
 */
final class LogFile implements AutoCloseable {
  private record Twin(long position, OpId id) {}

  /** The state that is 1 once a new disk holds what it must before the server counts. */
  static final String COMPLETE = "complete";

  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final SaidIndex saidIndex;
  private final Map<Origin, Long> originIds = new ConcurrentHashMap<>();
  private final Map<Long, List<Twin>> twins = new ConcurrentHashMap<>();
  private final long[] opsOfKind = new long[5];
  private long position;

  private LogFile(Connection connection) throws SQLException {
    this.connection = connection;
    this.saidIndex = new SaidIndex(connection);
  }

  /** Opens a file, making it where there is none. */
  static LogFile open(Path path) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Connection connection = connect(path);
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute("PRAGMA synchronous=FULL");
        statement.execute("PRAGMA wal_autocheckpoint=4000");
        statement.execute("PRAGMA cache_size=-32768");
        LogSchema.prepare(connection, statement, path);
      }
      connection.setAutoCommit(false);
      return new LogFile(connection);
    } catch (SQLException | IOException failure) {
      throw new Refused(
          Kind.UNAVAILABLE,
          "message-log",
          "The message log %s cannot be opened (%s): free or mend the disk, or move the file away and this server fetches all from the others."
              .formatted(path, failure.getMessage()));
    }
  }

  /** A connection that waits a little for another one's lock. */
  static Connection connect(Path path) throws SQLException {
    // The driver would ask for generated keys after each insert, which costs more than the insert.
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + path + "?jdbc.get_generated_keys=false");
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=5000");
    }
    return connection;
  }

  /** Reads the log's state into an empty replica; also what this object remembers. */
  void load(Replica replica) throws SQLException {
    originIds.clear();
    twins.clear();
    var held = new VersionVector();
    var origins = new HashMap<Long, Origin>();
    try (ResultSet row =
        statement(
                "SELECT id, server, incarnation, (SELECT max(sequence) FROM op WHERE origin = id)"
                    + " FROM origin")
            .executeQuery()) {
      while (row.next()) {
        var origin = new Origin(row.getString(2), row.getLong(3));
        originIds.put(origin, row.getLong(1));
        origins.put(row.getLong(1), origin);
        held.put(origin, row.getLong(4));
      }
    }
    try (ResultSet row =
        statement("SELECT origin, sequence, content FROM op WHERE kind IN (1, 2) ORDER BY position")
            .executeQuery()) {
      while (row.next()) {
        @Nullable Origin origin = origins.get(row.getLong(1));
        if (origin != null) {
          replica.restore(origin, row.getLong(2), Content.decode(row.getBytes(3)));
        }
      }
    }
    try (ResultSet row =
        statement(
                "SELECT t.position, t.first, r.server, r.incarnation, o.sequence FROM twin t"
                    + " JOIN op o ON o.position = t.position JOIN origin r ON r.id = o.origin"
                    + " ORDER BY t.position")
            .executeQuery()) {
      while (row.next()) {
        var id = new OpId(new Origin(row.getString(3), row.getLong(4)), row.getLong(5));
        group(row.getLong(2), new Twin(row.getLong(1), id));
      }
    }
    try (ResultSet row = statement("SELECT coalesce(max(position), 0) FROM op").executeQuery()) {
      position = row.next() ? row.getLong(1) : 0;
    }
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      opsOfKind[kind] = state("ops-" + kind);
    }
    replica.restore(held, state("clock"), opsOfKind[3], opsOfKind[4], opsOfKind[0]);
  }

  /** Adds an op that follows its origin's last; returns its position. */
  long append(Op op, Content content) throws SQLException {
    int kind = kind(content);
    byte[] bytes = op.content().toArray();
    PreparedStatement insert =
        statement(
            "INSERT INTO op (position, origin, sequence, kind, content) VALUES (?, ?, ?, ?, ?)");
    position++;
    insert.setLong(1, position);
    insert.setLong(2, originId(op.origin()));
    insert.setLong(3, op.sequence());
    insert.setInt(4, kind);
    insert.setBytes(5, bytes);
    insert.executeUpdate();
    opsOfKind[kind]++;
    if (content instanceof Content.Said said) {
      index(op, said);
    }
    return position;
  }

  private void index(Op op, Content.Said said) throws SQLException {
    saidIndex.add(said, position);
    byte[] place = new ReadingOrder(said.clock(), op.origin(), op.sequence()).toBytes();
    if (!said.messageId().isEmpty()) {
      OpLog.@Nullable Entry shown = find(said);
      PreparedStatement authored =
          statement("INSERT INTO authored (author, message_id, position) VALUES (?, ?, ?)");
      authored.setString(1, Name.fold(said.author()));
      authored.setString(2, said.messageId());
      authored.setLong(3, position);
      authored.executeUpdate();
      if (shown != null) {
        addTwin(shown, op.id());
        ReadingOrder before = place(shown);
        if (before.compareTo(ReadingOrder.fromBytes(place)) < 0) {
          return;
        }
        hide(((Content.Said) shown.content()).conversation(), before);
      }
    }
    PreparedStatement message =
        statement("INSERT INTO message (conversation, place, position) VALUES (?, ?, ?)");
    message.setString(1, said.conversation());
    message.setBytes(2, place);
    message.setLong(3, position);
    message.executeUpdate();
  }

  private void hide(String conversation, ReadingOrder place) throws SQLException {
    PreparedStatement delete =
        statement("DELETE FROM message WHERE conversation = ? AND place = ?");
    delete.setString(1, conversation);
    delete.setBytes(2, place.toBytes());
    delete.executeUpdate();
  }

  private void addTwin(OpLog.Entry shown, OpId id) throws SQLException {
    List<Twin> known = twins.getOrDefault(shown.position(), List.of());
    long first = known.isEmpty() ? shown.position() : known.getFirst().position();
    if (known.isEmpty()) {
      insertTwin(first, new Twin(first, shown.op().id()));
    }
    insertTwin(first, new Twin(position, id));
  }

  private void insertTwin(long first, Twin twin) throws SQLException {
    PreparedStatement insert = statement("INSERT INTO twin (position, first) VALUES (?, ?)");
    insert.setLong(1, twin.position());
    insert.setLong(2, first);
    insert.executeUpdate();
    group(first, twin);
  }

  private void group(long first, Twin added) {
    List<Twin> all = new ArrayList<>(twins.getOrDefault(first, List.of()));
    all.add(added);
    List<Twin> group = List.copyOf(all);
    group.forEach(member -> twins.put(member.position(), group));
  }

  /** The other ops that are the same message; any thread. */
  List<OpId> twins(long of) {
    return twins.getOrDefault(of, List.of()).stream()
        .filter(twin -> twin.position() != of)
        .map(Twin::id)
        .toList();
  }

  private static ReadingOrder place(OpLog.Entry entry) {
    return new ReadingOrder(entry.content().clock(), entry.op().origin(), entry.op().sequence());
  }

  /** The op that is shown of those of an author and message id that say the same, or null. */
  OpLog.@Nullable Entry find(Content.Said said) throws SQLException {
    return first(authored(said).filter(entry -> said.saysTheSame((Content.Said) entry.content())));
  }

  /** The first op of the same author and message id, whatever it says, or null. */
  OpLog.@Nullable Entry findKey(Content.Said said) throws SQLException {
    return first(authored(said));
  }

  private static OpLog.@Nullable Entry first(Stream<OpLog.Entry> entries) {
    return entries.min(Comparator.comparing(LogFile::place)).orElse(null);
  }

  private Stream<OpLog.Entry> authored(Content.Said said) throws SQLException {
    PreparedStatement select =
        statement("SELECT position FROM authored WHERE author = ? AND message_id = ?");
    select.setString(1, Name.fold(said.author()));
    select.setString(2, said.messageId());
    List<Long> positions = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        positions.add(row.getLong(1));
      }
    }
    List<OpLog.Entry> entries = new ArrayList<>();
    for (long at : positions) {
      entries.add(at(at));
    }
    return entries.stream();
  }

  /** An op by which the same author said the same at the same place in the same second, or null. */
  OpLog.@Nullable Entry findSaid(Content.Said said) throws SQLException {
    @Nullable Long at = saidIndex.find(said);
    return at == null ? null : at(at);
  }

  private OpLog.Entry at(long at) throws SQLException {
    PreparedStatement select =
        statement(
            "SELECT o.position, r.server, r.incarnation, o.sequence, o.content FROM op o"
                + " JOIN origin r ON r.id = o.origin WHERE o.position = ?");
    select.setLong(1, at);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the op at " + at + " is missing");
      }
      return entry(row);
    }
  }

  /** From columns position, server, incarnation, sequence, content. */
  static OpLog.Entry entry(ResultSet row) throws SQLException {
    byte[] content = row.getBytes(5);
    return new OpLog.Entry(
        row.getLong(1),
        new Op(new Origin(row.getString(2), row.getLong(3)), row.getLong(4), Bytes.owning(content)),
        Content.decode(content));
  }

  void commit(Replica replica) throws SQLException {
    state("clock", replica.highestClock());
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      state("ops-" + kind, opsOfKind[kind]);
    }
    connection.commit();
  }

  void rollback() throws SQLException {
    connection.rollback();
  }

  long state(String name) throws SQLException {
    PreparedStatement select = statement("SELECT value FROM state WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  void state(String name, long value) throws SQLException {
    PreparedStatement put =
        statement(
            "INSERT INTO state (name, value) VALUES (?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <>"
                + " excluded.value");
    put.setString(1, name);
    put.setLong(2, value);
    put.executeUpdate();
  }

  long lastPosition() {
    return position;
  }

  /** The number of an origin inside this file, or null; any thread. */
  @Nullable Long knownOrigin(Origin origin) {
    return originIds.get(origin);
  }

  private long originId(Origin origin) throws SQLException {
    @Nullable Long known = originIds.get(origin);
    if (known != null) {
      return known;
    }
    PreparedStatement insert =
        statement("INSERT INTO origin (id, server, incarnation) VALUES (?, ?, ?)");
    long id = originIds.size() + 1L;
    insert.setLong(1, id);
    insert.setString(2, origin.server());
    insert.setLong(3, origin.incarnation());
    insert.executeUpdate();
    originIds.put(origin, id);
    return id;
  }

  private PreparedStatement statement(String sql) throws SQLException {
    @Nullable PreparedStatement known = statements.get(sql);
    if (known == null) {
      known = connection.prepareStatement(sql);
      statements.put(sql, known);
    }
    return known;
  }

  private static int kind(Content content) {
    return switch (content) {
      case Content.Unknown _ -> 0;
      case Content.User _ -> 1;
      case Content.Channel _ -> 2;
      case Content.ChannelMessage _ -> 3;
      case Content.DirectMessage _ -> 4;
    };
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : statements.values()) {
      statement.close();
    }
    saidIndex.close();
    connection.close();
  }
}
