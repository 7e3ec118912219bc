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
  /** The state that is 1 once a new disk holds what it must before the server counts. */
  static final String COMPLETE = "complete";

  /** What {@link #entry} reads, of an op and its origin. */
  static final String COLUMNS =
      "o.position, r.server, r.incarnation, o.sequence, o.content, o.kind, o.checksum";

  /** Selects these, by whatever index is of use for ops. */
  static final String ENTRIES =
      "SELECT " + COLUMNS + " FROM op o CROSS JOIN origin r ON r.id = o.origin";

  private final Connection connection;
  private final Replica replica;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final SaidIndex saidIndex;
  private final Map<Origin, Long> originIds = new ConcurrentHashMap<>();
  private final Twins twins;
  private final long[] opsOfKind = new long[5];
  private long position;

  private LogFile(Connection connection, Replica replica) throws SQLException {
    this.connection = connection;
    this.replica = replica;
    this.saidIndex = new SaidIndex(connection);
    this.twins = new Twins(connection);
  }

  /**
   * Opens a file, making it where there is none; one that is found to be damaged is set aside first.
   *
   * @param self a new life of the server
   * @throws Refused when the disk or the file cannot be used
   */
  static LogFile open(Path path, Origin self) {
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      try {
        return opened(path, self);
      } catch (SQLException failure) {
        if (!LogDamage.isIn(failure)) {
          throw failure;
        }
        LogDamage.setAside(path, failure.getMessage());
        return opened(path, self);
      }
    } catch (SQLException | IOException failure) {
      throw new Refused(
          Kind.UNAVAILABLE,
          "message-log",
          "The message log %s cannot be opened (%s): free or mend the disk, or move the file away and this server fetches all from the others."
              .formatted(path, failure.getMessage()));
    }
  }

  private static LogFile opened(Path path, Origin self) throws SQLException {
    Connection connection = LogConnection.open(path);
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA journal_mode=WAL");
        statement.execute("PRAGMA synchronous=FULL");
        statement.execute("PRAGMA wal_autocheckpoint=4000");
        statement.execute("PRAGMA cache_size=-32768");
        LogSchema.prepare(connection, statement, path);
      }
      connection.setAutoCommit(false);
      LogFile file = new LogFile(connection, new Replica(self));
      file.load();
      return file;
    } catch (SQLException | RuntimeException failure) {
      connection.close();
      throw failure;
    }
  }

  /** Reads what this object remembers. */
  private void load() throws SQLException {
    var held = new VersionVector();
    long ops = 0;
    try (ResultSet row =
        statement(
                "SELECT id, server, incarnation, (SELECT max(sequence) FROM op WHERE origin = id)"
                    + " FROM origin")
            .executeQuery()) {
      while (row.next()) {
        if (row.getString(2) == null) {
          throw LogDamage.found("an origin has no name");
        }
        var origin = new Origin(row.getString(2), row.getLong(3));
        originIds.put(origin, row.getLong(1));
        held.put(origin, row.getLong(4));
        ops += row.getLong(4);
      }
    }
    try (ResultSet row = statement("SELECT coalesce(max(position), 0) FROM op").executeQuery()) {
      position = row.next() ? row.getLong(1) : 0;
    }
    if (position != ops) {
      throw LogDamage.found("there are %d ops, and %d are counted".formatted(position, ops));
    }
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      opsOfKind[kind] = state("ops-" + kind);
      ops -= opsOfKind[kind];
    }
    long creations = opsOfKind[1] + opsOfKind[2];
    try (ResultSet row =
        statement(ENTRIES + " WHERE o.kind IN (1, 2) ORDER BY o.position").executeQuery()) {
      while (row.next()) {
        OpLog.Entry entry = entry(row);
        replica.restore(entry.op().origin(), entry.op().sequence(), entry.content());
        creations--;
      }
    }
    if (ops != 0 || creations != 0) {
      throw LogDamage.found("the ops are not as many of each kind as were counted");
    }
    twins.load();
    replica.restore(held, state("clock"), opsOfKind[3], opsOfKind[4], opsOfKind[0]);
  }

  /** Adds the next op of its origin, to the copy too; returns its position. */
  long append(Op op, Content content) throws SQLException {
    int kind = kind(content);
    byte[] bytes = op.content().toArray();
    PreparedStatement insert =
        statement(
            "INSERT INTO op (position, origin, sequence, kind, content, checksum) VALUES (?, ?, ?,"
                + " ?, ?, ?)");
    position++;
    insert.setLong(1, position);
    insert.setLong(2, originId(op.origin()));
    insert.setLong(3, op.sequence());
    insert.setInt(4, kind);
    insert.setBytes(5, bytes);
    insert.setLong(6, LogDamage.checksum(position, kind, op.origin(), op.sequence(), bytes));
    insert.executeUpdate();
    opsOfKind[kind]++;
    if (content instanceof Content.Said said) {
      index(op, said);
    }
    replica.apply(op.origin(), op.sequence(), content);
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
        twins.add(shown, position, op.id());
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

  static ReadingOrder place(OpLog.Entry entry) {
    return new ReadingOrder(entry.content().clock(), entry.op().origin(), entry.op().sequence());
  }

  /** The other ops that are the same message; any thread. */
  List<OpId> twins(long of) {
    return twins.of(of);
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
        statement(ENTRIES + " WHERE o.position = ?");
    select.setLong(1, at);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw LogDamage.found("the op at " + at + " is missing");
      }
      return entry(row);
    }
  }

  /**
   * From a row of {@link #COLUMNS}.
   *
   * @throws SQLException as {@link LogDamage#found} when it is not what was written
   */
  static OpLog.Entry entry(ResultSet row) throws SQLException {
    long at = row.getLong(1);
    byte[] content = row.getBytes(5);
    if (row.getString(2) == null || content == null) {
      throw LogDamage.found("the op at " + at + " has no content or no origin");
    }
    Op op =
        new Op(new Origin(row.getString(2), row.getLong(3)), row.getLong(4), Bytes.owning(content));
    if (row.getLong(7)
        != LogDamage.checksum(at, row.getInt(6), op.origin(), op.sequence(), content)) {
      throw LogDamage.found("the op at " + at + " is not what was written");
    }
    return new OpLog.Entry(at, op, Content.decode(content));
  }

  /** The copy as far as it was read or appended. */
  Replica replica() {
    return replica;
  }

  void commit() throws SQLException {
    state("clock", replica.highestClock());
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      state("ops-" + kind, opsOfKind[kind]);
    }
    connection.commit();
  }

  /** 0 for what was never put. */
  long state(String name) throws SQLException {
    PreparedStatement select = statement("SELECT value, checksum FROM state WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return 0;
      }
      if (row.getLong(2) != LogDamage.checksum(name, row.getLong(1))) {
        throw LogDamage.found("the state " + name + " is not what was written");
      }
      return row.getLong(1);
    }
  }

  void state(String name, long value) throws SQLException {
    PreparedStatement put =
        statement(
            "INSERT INTO state (name, value, checksum) VALUES (?, ?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum ="
                + " excluded.checksum WHERE value <> excluded.value");
    put.setString(1, name);
    put.setLong(2, value);
    put.setLong(3, LogDamage.checksum(name, value));
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
    twins.close();
    connection.close();
  }
}
