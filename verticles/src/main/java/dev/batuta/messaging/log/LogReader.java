package dev.batuta.messaging.log;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.messaging.replica.MessageId;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import dev.batuta.messaging.replica.ReadingOrder;
import dev.batuta.messaging.replica.VersionVector;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a {@link LogFile} beside its writer, on threads and connections of its own. */
final class LogReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
  private static final int READERS = 2;
  private static final long MOST_BYTES = 1 << 20;

  /** A question to the file. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private final LogFile file;
  private final Consumer<SQLException> damage;
  private final Supplier<Refused> closed;
  private final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          READERS, Thread.ofPlatform().name("message-reader-", 0).daemon().factory());

  /**
   * @param damage hears of each that is met, on a thread of this
   * @param closed why nobody is answered once this is closed
   */
  LogReader(Path path, LogFile file, Consumer<SQLException> damage, Supplier<Refused> closed)
      throws SQLException {
    this.file = file;
    this.damage = damage;
    this.closed = closed;
    try {
      for (int i = 0; i < READERS; i++) {
        connections.add(LogConnection.openToRead(path));
      }
    } catch (SQLException failure) {
      close();
      throw failure;
    }
  }

  <T> Future<T> ask(Question<T> question) {
    Promise<T> promise = Promise.promise();
    try {
      threads.execute(() -> answer(question, promise));
    } catch (RejectedExecutionException isClosed) {
      promise.fail(closed.get());
    }
    return promise.future();
  }

  private <T> void answer(Question<T> question, Promise<T> promise) {
    @Nullable Connection connection = null;
    try {
      connection = connections.take();
      promise.complete(question.ask(connection));
    } catch (SQLException failure) {
      if (LogDamage.isIn(failure)) {
        damage.accept(failure);
      }
      promise.tryFail(
          new Refused(
              Kind.UNAVAILABLE,
              "message-log-unread",
              "The message log of this server cannot be read (%s): ask another server."
                  .formatted(failure.getMessage())));
    } catch (RuntimeException | InterruptedException failure) {
      promise.tryFail(failure);
    } finally {
      if (connection != null) {
        connections.add(connection);
      }
    }
  }

  List<Op> beyond(Connection connection, VersionVector mine, VersionVector theirs, int limit)
      throws SQLException {
    List<Op> ops = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<Origin, Long> entry : new TreeMap<>(mine.beyond(theirs)).entrySet()) {
      Origin origin = entry.getKey();
      @Nullable Long id = file.knownOrigin(origin);
      if (id == null) {
        continue;
      }
      try (PreparedStatement select =
          connection.prepareStatement(
              LogFile.ENTRIES
                  + " WHERE o.origin = ? AND o.sequence > ? AND o.sequence <= ? ORDER BY o.sequence"
                  + " LIMIT ?")) {
        select.setLong(1, id);
        select.setLong(2, theirs.of(origin));
        select.setLong(3, entry.getValue());
        select.setInt(4, limit - ops.size());
        try (ResultSet row = select.executeQuery()) {
          while (bytes < MOST_BYTES && row.next()) {
            Op op = LogFile.entry(row).op();
            bytes += op.content().length();
            ops.add(op);
          }
        }
      }
      if (ops.size() >= limit || bytes >= MOST_BYTES) {
        break;
      }
    }
    return ops;
  }

  List<OpLog.Entry> since(Connection connection, long position, int limit) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            LogFile.ENTRIES + " WHERE o.position > ? ORDER BY o.position LIMIT ?")) {
      select.setLong(1, position);
      select.setInt(2, limit);
      return entries(select);
    }
  }

  List<OpLog.Entry> at(Connection connection, List<Long> positions) throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>(positions.size());
    long bytes = 0;
    try (PreparedStatement select =
        connection.prepareStatement(LogFile.ENTRIES + " WHERE o.position = ?")) {
      for (long position : positions) {
        if (bytes >= MOST_BYTES) {
          break;
        }
        select.setLong(1, position);
        for (OpLog.Entry entry : entries(select)) {
          bytes += entry.op().content().length();
          entries.add(entry);
        }
      }
    }
    return entries;
  }

  private static List<OpLog.Entry> entries(PreparedStatement select) throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>();
    long bytes = 0;
    try (ResultSet row = select.executeQuery()) {
      while (bytes < MOST_BYTES && row.next()) {
        OpLog.Entry entry = LogFile.entry(row);
        bytes += entry.op().content().length();
        entries.add(entry);
      }
    }
    return entries;
  }

  long positionBefore(Connection connection, VersionVector mine, VersionVector theirs, long last)
      throws SQLException {
    long before = last;
    for (Map.Entry<Origin, Long> entry : mine.beyond(theirs).entrySet()) {
      @Nullable Long id = file.knownOrigin(entry.getKey());
      if (id == null) {
        continue;
      }
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT position - 1 FROM op WHERE origin = ? AND sequence = ?")) {
        select.setLong(1, id);
        select.setLong(2, theirs.of(entry.getKey()) + 1);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            before = Math.min(before, row.getLong(1));
          }
        }
      }
    }
    return before;
  }

  OpLog.Read read(Connection connection, String conversation, @Nullable String after, int limit)
      throws SQLException {
    byte[] place =
        after == null
            ? new byte[0]
            : ReadingOrder.ofToken(after)
                .orElseThrow(
                    () ->
                        new Refused(
                            Kind.INVALID,
                            "after-invalid",
                            "The value '%s' of after is none that a page gave as next: leave it out to start at the first message."
                                .formatted(Refused.shown(after))))
                .toBytes();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + LogFile.COLUMNS
                + " FROM message m JOIN op o ON o.position = m.position JOIN origin r ON r.id = o.origin"
                + " WHERE m.conversation = ? AND m.place > ? ORDER BY m.place LIMIT ?")) {
      select.setString(1, conversation);
      select.setBytes(2, place);
      select.setInt(3, limit + 1);
      List<OpLog.Entry> entries = entries(select);
      boolean more = entries.size() > limit;
      if (more) {
        entries = entries.subList(0, limit);
      } else {
        more = bytes(entries) >= MOST_BYTES;
      }
      @Nullable String next = more ? entries.getLast().place().token() : null;
      return new OpLog.Read(List.copyOf(entries), next);
    }
  }

  OpLog.Read last(Connection connection, String conversation, int limit) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + LogFile.COLUMNS
                + " FROM message m JOIN op o ON o.position = m.position JOIN origin r ON r.id = o.origin"
                + " WHERE m.conversation = ? ORDER BY m.place DESC LIMIT ?")) {
      select.setString(1, conversation);
      select.setInt(2, limit);
      return new OpLog.Read(List.copyOf(entries(select).reversed()), null);
    }
  }

  private static long bytes(List<OpLog.Entry> entries) {
    return entries.stream().mapToLong(entry -> entry.op().content().length()).sum();
  }

  String digest(Connection connection, VersionVector mine) throws SQLException {
    MessageDigest sha256 = MessageId.sha256();
    for (Map.Entry<Origin, Long> entry : new TreeMap<>(mine.entries()).entrySet()) {
      sha256.update(new ReadingOrder(0, entry.getKey(), entry.getValue()).toBytes());
      try (PreparedStatement select =
          connection.prepareStatement(
              LogFile.ENTRIES + " WHERE o.origin = ? AND o.sequence <= ? ORDER BY o.sequence")) {
        @Nullable Long id = file.knownOrigin(entry.getKey());
        select.setLong(1, id == null ? 0 : id);
        select.setLong(2, entry.getValue());
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            byte[] content = LogFile.entry(row).op().content().toArray();
            sha256.update(ByteBuffer.allocate(4).putInt(content.length).flip());
            sha256.update(content);
          }
        }
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  @Override
  public void close() {
    threads.close();
    for (Connection connection : connections) {
      try {
        connection.close();
      } catch (SQLException failure) {
        LOG.debug("a reading connection did not close cleanly", failure);
      }
    }
  }
}
