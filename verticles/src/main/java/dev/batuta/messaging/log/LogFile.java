package dev.batuta.messaging.log;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.OpId;
import dev.batuta.messaging.replica.Origin;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  private final Connection connection;
  private final Replica replica;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final MessageIndex index;
  private final Map<Origin, Long> originIds = new ConcurrentHashMap<>();
  private final long[] opsOfKind = new long[5];
  private long position;
  private boolean complete;

  private LogFile(Connection connection, Replica replica) throws SQLException {
    this.connection = connection;
    this.replica = replica;
    this.index = new MessageIndex(connection);
  }

  /**
   * Opens a file, making it where there is none; one that is found to be damaged is set aside
   * first.
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
        LogDamage.setAside(path, failure);
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
    if (position != ops) { // each origin's are counted from 1, without a gap
      throw LogDamage.found("there are %d ops, and %d are counted".formatted(position, ops));
    }
    long creations = restore(ENTRIES + " WHERE o.kind IN (1, 2) ORDER BY o.position");
    long unseen = restore(ENTRIES + " WHERE o.kind = 0 ORDER BY o.position");
    if (!isCounted(creations, unseen)) {
      count(creations, unseen);
    }
    if (state(LogSchema.REGROUP) == 1) {
      index.regroup();
      state(LogSchema.REGROUP, 0);
      connection.commit();
    }
    index.load();
    complete = state(COMPLETE) == 1;
    if (position > 0 && !isPut("clock")) {
      throw LogDamage.found("the state clock is missing");
    }
    replica.restore(held, state("clock"), opsOfKind[3], opsOfKind[4], opsOfKind[0]);
  }

  /**
   * Reads some of the ops into the copy.
   *
   * @return how many
   */
  private long restore(String entries) throws SQLException {
    long read = 0;
    try (ResultSet row = statement(entries).executeQuery()) {
      while (row.next()) {
        OpLog.Entry entry = entry(row);
        replica.restore(entry.op().origin(), entry.op().sequence(), entry.content());
        read++;
      }
    }
    return read;
  }

  /** Whether there are as many ops of each kind as were counted. */
  private boolean isCounted(long creations, long unseen) throws SQLException {
    long counted = 0;
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      OptionalLong ofKind = written("ops-" + kind);
      if (ofKind.isEmpty()) {
        return false;
      }
      opsOfKind[kind] = ofKind.getAsLong();
      counted += opsOfKind[kind];
    }
    return counted == position && isFound(creations, unseen);
  }

  private boolean isFound(long creations, long unseen) {
    return opsOfKind[1] + opsOfKind[2] == creations && opsOfKind[0] == unseen;
  }

  /** Counts the ops; reads the whole file. */
  private void count(long creations, long unseen) throws SQLException {
    Arrays.fill(opsOfKind, 0);
    try (ResultSet row =
        statement("SELECT kind, count(*) FROM op NOT INDEXED GROUP BY kind").executeQuery()) {
      while (row.next()) {
        int kind = row.getInt(1);
        if (kind < 0 || kind >= opsOfKind.length) {
          throw LogDamage.found("there are ops of the kind " + kind);
        }
        opsOfKind[kind] = row.getLong(2);
      }
    }
    if (Arrays.stream(opsOfKind).sum() != position || !isFound(creations, unseen)) {
      throw LogDamage.found("not all ops, or not all creations and folds, are found");
    }
    LOG.atWarn().addKeyValue("ops", position).log("ops of the message log were counted anew");
  }

  /**
   * Adds the next op of its origin, to the copy too.
   *
   * @param known what {@link #authored} gives for its content
   * @return its position
   */
  long append(Op op, Content content, List<OpLog.Entry> known) throws SQLException {
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
      index.add(new OpLog.Entry(position, op, content), said, known);
    }
    replica.apply(op.origin(), op.sequence(), content);
    return position;
  }

  /** The other ops that are the same message; any thread. */
  List<OpId> twins(long of) {
    return index.twins(of);
  }

  /** The positions of the ops that are one message with one of them; any thread. */
  List<Long> sameMessage(long position) {
    return index.sameMessage(position);
  }

  /** The ops of the author and message id of a content; none where it has none. */
  List<OpLog.Entry> authored(Content content) throws SQLException {
    return content instanceof Content.Said said ? index.authored(said) : List.of();
  }

  /** An op by which the same author said the same at the same place in the same second, or null. */
  OpLog.@Nullable Entry findSaid(Content.Said said) throws SQLException {
    return index.findSaid(said);
  }

  /** Makes what finding and reading needs anew, for the ops from one position to another. */
  void renew(long from, long to) throws SQLException {
    index.renew(from, Math.min(to, position));
  }

  /**
   * From a row of {@link #COLUMNS}.
   *
   * @throws SQLException as {@link LogDamage#found} when it is not what was written; what a release
   *     without checksums wrote is taken for that
   */
  static OpLog.Entry entry(ResultSet row) throws SQLException {
    long at = row.getLong(1);
    byte[] content = row.getBytes(5);
    if (row.getString(2) == null || content == null) {
      throw LogDamage.found("the op at " + at + " has no content or no origin");
    }
    Op op =
        new Op(new Origin(row.getString(2), row.getLong(3)), row.getLong(4), Bytes.owning(content));
    long checksum = row.getLong(7);
    if (!row.wasNull()
        && checksum != LogDamage.checksum(at, row.getInt(6), op.origin(), op.sequence(), content)) {
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

  /** Whether this disk holds what it must to count. */
  boolean complete() {
    return complete;
  }

  void complete(boolean isComplete) throws SQLException {
    state(COMPLETE, isComplete ? 1 : 0);
    complete = isComplete;
  }

  private boolean isPut(String name) throws SQLException {
    PreparedStatement select = statement("SELECT 1 FROM state WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      return row.next();
    }
  }

  /** 0 for what was never put. */
  private long state(String name) throws SQLException {
    return written(name)
        .orElseThrow(() -> LogDamage.found("the state " + name + " is not what was written"));
  }

  /** What was put, 0 where nothing was; empty when it is not what was written. */
  private OptionalLong written(String name) throws SQLException {
    PreparedStatement select = statement("SELECT value, checksum FROM state WHERE name = ?");
    select.setString(1, name);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return OptionalLong.of(0);
      }
      long value = row.getLong(1);
      long checksum = row.getLong(2);
      return row.wasNull() || checksum == LogDamage.checksum(name, value)
          ? OptionalLong.of(value)
          : OptionalLong.empty();
    }
  }

  private void state(String name, long value) throws SQLException {
    PreparedStatement put =
        statement(
            "INSERT INTO state (name, value, checksum) VALUES (?, ?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum ="
                + " excluded.checksum WHERE value IS NOT excluded.value OR checksum IS NOT"
                + " excluded.checksum");
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
      case Content.Unseen _ -> 0; // a release that knows no folds goes on with the file
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
    index.close();
    connection.close();
  }
}
