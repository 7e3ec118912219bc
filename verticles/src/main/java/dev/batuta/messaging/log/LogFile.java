package dev.batuta.messaging.log;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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

  private static final Logger LOG = LoggerFactory.getLogger(LogFile.class);

  private final Connection connection;
  private final Replica replica;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private final LogState state;
  private final MessageIndex index;

  /** Messages that make up the next row, once one comes that is not of it. */
  private final List<OpLog.Entry> block = new ArrayList<>();

  private int blockBytes;
  private final LogOrigins origins;
  private final long[] opsOfKind = new long[5];
  private long position;
  private boolean complete;

  private LogFile(Connection connection, Replica replica) throws SQLException {
    this.connection = connection;
    this.replica = replica;
    this.state = new LogState(connection);
    this.origins = new LogOrigins(connection);
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
    for (Origin origin : origins.all()) {
      long last = origins.lastSequence(origin);
      held.put(origin, last);
      ops += last;
    }
    try (LogRows rows = new LogRows(connection)) {
      LogRow last = rows.last();
      position = last == null ? 0 : last.last();
    }
    if (position != ops) { // each origin's are counted from 1, without a gap
      throw LogDamage.found("there are %d ops, and %d are counted".formatted(position, ops));
    }
    long creations = restore(LogRow.SELECT + " WHERE o.kind IN (1, 2) ORDER BY o.position");
    long unseen = restore(LogRow.SELECT + " WHERE o.kind = 0 ORDER BY o.position");
    if (!isCounted(creations, unseen)) {
      count(creations, unseen);
    }
    if (state.get(LogSchema.REGROUP) == 1) {
      index.regroup();
      state.put(LogSchema.REGROUP, 0);
      connection.commit();
    }
    index.load();
    complete = state.get(COMPLETE) == 1;
    if (position > 0 && !state.isPut("clock")) {
      throw LogDamage.found("the state clock is missing");
    }
    replica.restore(held, state.get("clock"), opsOfKind[3], opsOfKind[4], opsOfKind[0]);
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
        for (OpLog.Entry entry : LogRow.of(row).entries()) {
          replica.restore(entry.op().origin(), entry.op().sequence(), entry.content());
          read++;
        }
      }
    }
    return read;
  }

  /** Whether there are as many ops of each kind as were counted. */
  private boolean isCounted(long creations, long unseen) throws SQLException {
    long counted = 0;
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      OptionalLong ofKind = state.written("ops-" + kind);
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
        statement(
                "SELECT kind, count(*) FROM op NOT INDEXED WHERE kind <> %d GROUP BY kind"
                    .formatted(LogRow.BLOCK))
            .executeQuery()) {
      while (row.next()) {
        int kind = row.getInt(1);
        if (kind < 0 || kind >= opsOfKind.length) {
          throw LogDamage.found("there are ops of the kind " + kind);
        }
        opsOfKind[kind] = row.getLong(2);
      }
    }
    try (ResultSet row =
        statement(LogRow.SELECT + " WHERE o.kind = " + LogRow.BLOCK).executeQuery()) {
      while (row.next()) {
        LogRow.of(row).entries().forEach(entry -> opsOfKind[kind(entry.content())]++);
      }
    }
    if (Arrays.stream(opsOfKind).sum() != position || !isFound(creations, unseen)) {
      throw LogDamage.found("not all ops, or not all creations and folds, are found");
    }
    LOG.atWarn().addKeyValue("ops", position).log("ops of the message log were counted anew");
  }

  /**
   * Adds the next op of its origin, to the copy too. A message is in the file once {@link #write}
   * was called; what looks for one here finds it before.
   *
   * @param known what {@link #authored} gives for its content
   * @return its position
   */
  long append(Op op, Content content, List<OpLog.Entry> known) throws SQLException {
    position++;
    OpLog.Entry entry = new OpLog.Entry(position, op, content);
    if (!isOfBlock(entry)) {
      write();
    }
    if (content instanceof Content.Said said) {
      block.add(entry);
      blockBytes += op.content().length();
      index.add(entry, said, known);
    } else {
      insert(entry, kind(content), op.content().toArray());
    }
    opsOfKind[kind(content)]++;
    replica.apply(op.origin(), op.sequence(), content);
    return position;
  }

  private boolean isOfBlock(OpLog.Entry entry) {
    if (block.isEmpty()) {
      return true;
    }
    Op last = block.getLast().op();
    Op op = entry.op();
    return entry.content() instanceof Content.Said
        && last.origin().equals(op.origin())
        && last.sequence() + 1 == op.sequence()
        && block.size() < LogRow.MOST_OPS
        && blockBytes + op.content().length() <= LogRow.MOST_BYTES;
  }

  /** Writes what was appended and is not in the file yet; what fails was not committed. */
  void write() throws SQLException {
    if (block.isEmpty()) {
      return;
    }
    OpLog.Entry first = block.getFirst();
    if (block.size() == 1) {
      insert(first, kind(first.content()), first.op().content().toArray());
    } else {
      insert(first, LogRow.BLOCK, LogRow.packed(block));
    }
    index.addWords(block);
    block.clear();
    blockBytes = 0;
  }

  /** A row, with the number of its first op. */
  private void insert(OpLog.Entry first, int kind, byte[] content) throws SQLException {
    Op op = first.op();
    PreparedStatement insert =
        statement(
            "INSERT INTO op (position, origin, sequence, kind, content, checksum) VALUES (?, ?, ?,"
                + " ?, ?, ?)");
    insert.setLong(1, first.position());
    insert.setLong(2, origins.id(op.origin()));
    insert.setLong(3, op.sequence());
    insert.setInt(4, kind);
    insert.setBytes(5, content);
    insert.setLong(
        6, LogDamage.checksum(first.position(), kind, op.origin(), op.sequence(), content));
    insert.executeUpdate();
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
    write();
    return index.findSaid(said);
  }

  /** Makes what finding and reading needs anew, for the ops from one position to another. */
  void renew(long from, long to) throws SQLException {
    write();
    index.renew(from, Math.min(to, position));
  }

  /** The copy as far as it was read or appended. */
  Replica replica() {
    return replica;
  }

  void commit() throws SQLException {
    write();
    state.put("clock", replica.highestClock());
    for (int kind = 0; kind < opsOfKind.length; kind++) {
      state.put("ops-" + kind, opsOfKind[kind]);
    }
    connection.commit();
  }

  /** Whether this disk holds what it must to count. */
  boolean complete() {
    return complete;
  }

  void complete(boolean isComplete) throws SQLException {
    state.put(COMPLETE, isComplete ? 1 : 0);
    complete = isComplete;
  }

  long lastPosition() {
    return position;
  }

  /** The number of an origin inside this file, or null; any thread. */
  @Nullable Long knownOrigin(Origin origin) {
    return origins.known(origin);
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
    state.close();
    origins.close();
    index.close();
    connection.close();
  }
}
