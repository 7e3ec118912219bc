package dev.batuta.gateway;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.identity.Session;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Waits for a token to be good no more, so that what a door keeps open for a session ends with it:
 * when it expires, and when it would be refused, as its key was deleted or its user has another
 * password. That is looked at every {@link LoginService#recheck}, and so is the clock of this
 * machine, by which tokens expire and which may have been set. A failure that is no refusal says
 * nothing of the token. Belongs to the context on which it is made.
 */
public final class SessionEnd {
  private final Vertx vertx;
  private final LoginService logins;
  private final Session session;
  private final Consumer<Failure> over;
  private long timer = -1;
  private boolean cancelled;

  /**
   * @param over hears why once, later than this call, unless it is cancelled before
   */
  public SessionEnd(Vertx vertx, LoginService logins, Session session, Consumer<Failure> over) {
    this.vertx = vertx;
    this.logins = logins;
    this.session = session;
    this.over = over;
    await();
  }

  private void await() {
    long left = Duration.between(Instant.now(), session.expiresAt()).toMillis();
    timer = vertx.setTimer(Math.clamp(left, 1, logins.recheck().toMillis()), later -> look());
  }

  private void look() {
    if (!Instant.now().isBefore(session.expiresAt())) {
      over.accept(Session.expired().failure());
      return;
    }
    logins
        .session(session.token())
        .onComplete(
            read -> {
              if (cancelled) {
                return;
              }
              if (read.cause() instanceof Refused refused) {
                over.accept(refused.failure());
              } else {
                await();
              }
            });
  }

  /** What was open has ended otherwise. */
  public void cancel() {
    cancelled = true;
    vertx.cancelTimer(timer);
  }
}
