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

  /** The rows of an origin from the one with a sequence on, to one with another. */
  private static final String ROWS_OF_ORIGIN =
      LogRow.SELECT
          + " WHERE o.origin = ? AND o.sequence >= coalesce((SELECT max(sequence) FROM op WHERE"
          + " origin = ? AND sequence <= ?), 0) AND o.sequence <= ? ORDER BY o.sequence";

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
      try (PreparedStatement select = connection.prepareStatement(ROWS_OF_ORIGIN)) {
        select.setLong(1, id);
        select.setLong(2, id);
        select.setLong(3, theirs.of(origin) + 1);
        select.setLong(4, entry.getValue());
        try (ResultSet row = select.executeQuery()) {
          while (ops.size() < limit && bytes < MOST_BYTES && row.next()) {
            for (Op op : LogRow.of(row).ops()) {
              boolean isLacking =
                  theirs.of(origin) < op.sequence() && op.sequence() <= entry.getValue();
              if (isLacking && ops.size() < limit && bytes < MOST_BYTES) {
                bytes += op.content().length();
                ops.add(op);
              }
            }
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
    List<OpLog.Entry> entries = new ArrayList<>();
    long bytes = 0;
    try (PreparedStatement select =
        connection.prepareStatement(
            LogRow.SELECT
                + " WHERE o.position >= coalesce((SELECT max(position) FROM op WHERE position <="
                + " ?), 0) ORDER BY o.position")) {
      select.setLong(1, position + 1);
      try (ResultSet row = select.executeQuery()) {
        while (entries.size() < limit && bytes < MOST_BYTES && row.next()) {
          LogRow read = LogRow.of(row);
          for (long at = Math.max(position + 1, read.position());
              at <= read.last() && entries.size() < limit && bytes < MOST_BYTES;
              at++) {
            OpLog.Entry entry = read.entry(at);
            bytes += entry.op().content().length();
            entries.add(entry);
          }
        }
      }
    }
    return entries;
  }

  List<OpLog.Entry> at(Connection connection, List<Long> positions) throws SQLException {
    List<OpLog.Entry> entries = new ArrayList<>(positions.size());
    long bytes = 0;
    try (LogRows rows = new LogRows(connection)) {
      for (long position : positions) {
        OpLog.Entry entry = bytes < MOST_BYTES ? rows.at(position) : null;
        if (entry != null) {
          bytes += entry.op().content().length();
          entries.add(entry);
        }
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
              "SELECT position - sequence FROM op WHERE origin = ? AND sequence <= ? ORDER BY"
                  + " sequence DESC LIMIT 1")) {
        long had = theirs.of(entry.getKey());
        select.setLong(1, id);
        select.setLong(2, had + 1);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            before = Math.min(before, row.getLong(1) + had);
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
            "SELECT position FROM message WHERE conversation = ? AND place > ? ORDER BY place LIMIT"
                + " ?")) {
      select.setString(1, conversation);
      select.setBytes(2, place);
      select.setInt(3, limit + 1);
      List<OpLog.Entry> entries = at(connection, positions(select));
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
            "SELECT position FROM message WHERE conversation = ? ORDER BY place DESC LIMIT ?")) {
      select.setString(1, conversation);
      select.setInt(2, limit);
      return new OpLog.Read(List.copyOf(at(connection, positions(select)).reversed()), null);
    }
  }

  private static List<Long> positions(PreparedStatement select) throws SQLException {
    List<Long> positions = new ArrayList<>();
    try (ResultSet row = select.executeQuery()) {
      while (row.next()) {
        positions.add(row.getLong(1));
      }
    }
    return positions;
  }

  private static long bytes(List<OpLog.Entry> entries) {
    return entries.stream().mapToLong(entry -> entry.op().content().length()).sum();
  }

  String digest(Connection connection, VersionVector mine) throws SQLException {
    MessageDigest sha256 = MessageId.sha256();
    for (Map.Entry<Origin, Long> entry : new TreeMap<>(mine.entries()).entrySet()) {
      sha256.update(new ReadingOrder(0, entry.getKey(), entry.getValue()).toBytes());
      @Nullable Long id = file.knownOrigin(entry.getKey());
      try (PreparedStatement select = connection.prepareStatement(ROWS_OF_ORIGIN)) {
        select.setLong(1, id == null ? 0 : id);
        select.setLong(2, id == null ? 0 : id);
        select.setLong(3, 0);
        select.setLong(4, entry.getValue());
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            for (Op op : LogRow.of(row).ops()) {
              if (op.sequence() <= entry.getValue()) {
                byte[] content = op.content().toArray();
                sha256.update(ByteBuffer.allocate(4).putInt(content.length).flip());
                sha256.update(content);
              }
            }
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
