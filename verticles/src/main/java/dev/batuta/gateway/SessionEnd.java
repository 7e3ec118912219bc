package dev.batuta.gateway;

import dev.batuta.identity.Session;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;

/**
 * Waits for a token to expire, so that what a door keeps open for a session ends with it. By the
 * clock of this machine, as tokens are read; that it was set is noticed within a minute. Belongs to
 * the context on which it is made.
 */
public final class SessionEnd {
  private static final long LOOK_MILLIS = 60_000;

  private final Vertx vertx;
  private final Instant expiresAt;
  private final Runnable over;
  private long timer;

  /**
   * @param over runs once, later than this call, unless it is cancelled before
   */
  public SessionEnd(Vertx vertx, Session session, Runnable over) {
    this.vertx = vertx;
    this.expiresAt = session.expiresAt();
    this.over = over;
    await();
  }

  private void await() {
    long left = Duration.between(Instant.now(), expiresAt).toMillis();
    timer = vertx.setTimer(Math.clamp(left, 1, LOOK_MILLIS), later -> look());
  }

  private void look() {
    if (Instant.now().isBefore(expiresAt)) {
      await();
    } else {
      over.run();
    }
  }

  /** What was open has ended otherwise. */
  public void cancel() {
    vertx.cancelTimer(timer);
  }
}
