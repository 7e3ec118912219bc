package dev.batuta.messaging.log;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a file through once, on a thread of its own beside the work, so that a server need not read
 * millions of ops before it starts, and damage in what nobody reads is found all the same.
 */
final class LogScrub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogScrub.class);

  /** It rests so many times as long as it works, for the sake of those who wait for the disk. */
  private static final int REST = 4;

  private static final Duration CANCEL_AGAIN = Duration.ofMillis(50);

  private final LogCheck check;
  private final Consumer<SQLException> damage;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;
  private long staleOps;

  /**
   * @param damage hears at most once, on the thread of this
   * @param stale hears of what is to be made anew, on the thread of this
   */
  LogScrub(Path path, Consumer<SQLException> damage, LogCheck.Stale stale) throws SQLException {
    this.check =
        LogCheck.of(
            path,
            (from, to) -> {
              staleOps += to - from + 1;
              stale.found(from, to);
            });
    this.damage = damage;
    this.thread = Thread.ofPlatform().name("message-scrub").daemon().start(this::run);
  }

  private void run() {
    try (check) {
      long began = System.nanoTime();
      while (!isStopped(0) && check.more()) {
        if (isStopped(REST * (System.nanoTime() - began))) {
          return;
        }
        began = System.nanoTime();
      }
      if (staleOps > 0) {
        LOG.atWarn()
            .addKeyValue("ops", staleOps)
            .log("message index was not what follows from the ops: it is made anew for these");
      }
    } catch (SQLException failure) {
      if (LogDamage.isIn(failure)) {
        damage.accept(failure);
      } else if (!isStopped(0)) {
        LOG.warn("message log not looked through for damage", failure);
      }
    }
  }

  private boolean isStopped(long withinNanos) {
    try {
      return stopped.await(withinNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      return true;
    }
  }

  /** Ends it, and waits for that. */
  @Override
  public void close() {
    stopped.countDown();
    try {
      // What it begins to look at after it was cancelled takes its time.
      do {
        check.cancel();
      } while (!thread.join(CANCEL_AGAIN));
    } catch (SQLException failure) {
      LOG.warn("the look through the message log was not broken off", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
