package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads an {@link IndexFile} beside its writer, on threads and connections of its own, of which
 * there are few, with few who wait for them: searches take the time of one or two processors at
 * most, and none of those who publish.
 */
final class IndexReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexReader.class);
  private static final int READERS = 2;
  private static final int MOST_WAITING = 64;

  /** A question to the file; it bounds its time itself. */
  interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  private final Consumer<SQLException> failures;
  private final SearchRefusal refusal;
  private final BlockingQueue<Connection> connections = new ArrayBlockingQueue<>(READERS);
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().name("search-reader-", 0).daemon().factory());

  /**
   * @param failures hears of each that is met, on a thread of this
   */
  IndexReader(Path path, SearchRefusal refusal, Consumer<SQLException> failures)
      throws SQLException {
    this.refusal = refusal;
    this.failures = failures;
    try {
      for (int i = 0; i < READERS; i++) {
        Connection connection = IndexFile.connect(path);
        connections.add(connection);
        try (Statement statement = connection.createStatement()) {
          statement.execute("PRAGMA query_only=ON");
        }
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
    } catch (RejectedExecutionException full) {
      promise.fail(threads.isShutdown() ? refusal.opening() : refusal.busy());
    }
    return promise.future();
  }

  private <T> void answer(Question<T> question, Promise<T> promise) {
    @Nullable Connection connection = null;
    try {
      connection = connections.take();
      promise.complete(question.ask(connection));
    } catch (SQLException failure) {
      failures.accept(failure);
      promise.tryFail(refusal.unavailable(String.valueOf(failure.getMessage())));
    } catch (Refused refused) {
      promise.tryFail(refused);
    } catch (RuntimeException | InterruptedException defect) {
      LOG.error("search failed", defect);
      promise.tryFail(defect);
    } finally {
      if (connection != null) {
        connections.add(connection);
      }
    }
  }

  /** Waits for those who are answered. */
  @Override
  public void close() {
    threads.close();
    for (Connection connection : connections) {
      try {
        connection.close();
      } catch (SQLException failure) {
        LOG.debug("a connection that searches did not close cleanly", failure);
      }
    }
  }
}
