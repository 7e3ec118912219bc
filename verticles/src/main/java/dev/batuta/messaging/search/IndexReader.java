package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
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

  /** Who has waited so long has been told by others that nobody answered. */
  static final Duration ASKER_WAITS = Duration.ofSeconds(5);

  /** So long a close waits for those who are being answered. */
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

  /** A question to the file; what it asks the file ends with its time. */
  interface Question<T> {
    T ask(Connection connection, SearchTime time) throws SQLException;
  }

  private final Consumer<SQLException> failures;
  private final SearchRefusal refusal;
  private final Duration askerWaits;
  private final BlockingQueue<Reading> readings = new ArrayBlockingQueue<>(READERS);
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().name("search-reader-", 0).daemon().factory());
  private volatile boolean closing;

  /**
   * @param askerWaits for an answer, not longer
   * @param failures hears of each that is met, on a thread of this
   */
  IndexReader(
      Path path, SearchRefusal refusal, Duration askerWaits, Consumer<SQLException> failures)
      throws SQLException {
    this.refusal = refusal;
    this.askerWaits = askerWaits;
    this.failures = failures;
    try {
      for (int i = 0; i < READERS; i++) {
        readings.add(new Reading(path));
      }
    } catch (SQLException failure) {
      close();
      throw failure;
    }
  }

  /** Asks for somebody who waits, not for ever. */
  <T> Future<T> ask(Question<T> question) {
    return asked(new Asked<>(question, true));
  }

  /** Has the whole file looked at, which takes as long as it takes. */
  <T> Future<T> examine(Question<T> question) {
    return asked(new Asked<>(question, false));
  }

  private <T> Future<T> asked(Asked<T> asked) {
    try {
      threads.execute(asked);
    } catch (RejectedExecutionException full) {
      asked.promise.tryFail(closing ? refusal.opening() : refusal.busy());
    }
    return asked.promise.future();
  }

  /** A connection, for one question at a time. */
  private final class Reading {
    final Connection connection;
    volatile @Nullable SearchTime time;

    Reading(Path path) throws SQLException {
      connection = IndexFile.connect(path, this::isOver);
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA query_only=ON");
      } catch (SQLException failure) {
        connection.close();
        throw failure;
      }
    }

    private boolean isOver() {
      SearchTime bound = time;
      return closing || (bound != null && bound.isOver());
    }
  }

  /** A question that waits, or is being answered. */
  private final class Asked<T> implements Runnable {
    final Promise<T> promise = Promise.promise();
    private final Question<T> question;
    private final boolean isBounded;
    private final long since = System.nanoTime();

    Asked(Question<T> question, boolean isBounded) {
      this.question = question;
      this.isBounded = isBounded;
    }

    @Override
    public void run() {
      if (isBounded && System.nanoTime() - since > askerWaits.toNanos()) {
        promise.tryFail(refusal.busy());
        return;
      }
      @Nullable Reading reading = null;
      try {
        reading = readings.take();
        SearchTime time = SearchTime.fromNow();
        reading.time = isBounded ? time : null;
        promise.tryComplete(question.ask(reading.connection, time));
      } catch (SQLException failure) {
        promise.tryFail(refused(failure));
      } catch (Refused refused) {
        promise.tryFail(refused);
      } catch (InterruptedException stop) {
        promise.tryFail(refusal.opening());
      } catch (RuntimeException defect) {
        LOG.error("search failed", defect);
        promise.tryFail(defect);
      } finally {
        if (reading != null) {
          readings.add(reading);
        }
      }
    }
  }

  private Refused refused(SQLException failure) {
    if (closing) {
      return refusal.opening();
    }
    if (IndexDamage.isInterrupt(failure)) {
      return refusal.slow();
    }
    failures.accept(failure);
    return refusal.unavailable(String.valueOf(failure.getMessage()));
  }

  /** Refuses those who wait, and ends what is being answered. */
  @Override
  public void close() {
    closing = true;
    for (Runnable waiting : threads.shutdownNow()) {
      if (waiting instanceof Asked<?> asked) {
        asked.promise.tryFail(refusal.opening());
      }
    }
    try {
      if (!threads.awaitTermination(LAST_ANSWERS.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.warn("a search goes on behind the end of its index");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    for (Reading reading : readings) {
      try {
        reading.connection.close();
      } catch (SQLException failure) {
        LOG.debug("a connection that searches did not close cleanly", failure);
      }
    }
  }
}
