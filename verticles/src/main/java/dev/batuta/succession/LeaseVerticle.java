package dev.batuta.succession;

import dev.batuta.bus.Retry;
import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.database.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps the lease of a server from before it opens its queue until after that is closed. Its
 * deployment completes when the lease is there, its undeployment when it is released.
 */
public final class LeaseVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseVerticle.class);

  private final LeaseStore store;
  private final String server;
  private final long incarnation;
  private boolean renewing;
  private boolean over;

  /**
   * @param incarnation of this run of the process
   */
  public LeaseVerticle(LeaseStore store, String server, long incarnation) {
    this.store = store;
    this.server = server;
    this.incarnation = incarnation;
  }

  @Override
  public Future<?> start() {
    return Retry.whileFailing(
            vertx,
            () -> here(store.claim(server, incarnation)),
            this::isWorthRepeating,
            RetryUntilKnown.MAX_PAUSE)
        .onSuccess(claimed -> vertx.setPeriodic(LeaseStore.RENEWAL.toMillis(), timer -> renew()));
  }

  private boolean isWorthRepeating(Throwable error) {
    LOG.atLevel(Database.isAway(error) ? Level.DEBUG : Level.WARN)
        .addKeyValue("why", error.getMessage())
        .log("no lease yet");
    return !over;
  }

  private void renew() {
    if (!renewing && !over) {
      renewing = true;
      here(store.renew(server, incarnation))
          .onComplete(done -> renewing = false)
          .onSuccess(this::checkIsStillOurs); // a failure is repeated by the next renewal
    }
  }

  private void checkIsStillOurs(boolean ours) {
    if (!ours && !over) {
      over = true;
      LOG.atError()
          .addKeyValue("server", server)
          .log("another process runs under the name of this server: stop one of them");
    }
  }

  @Override
  public Future<?> stop() {
    boolean held = !over;
    over = true;
    return held
        ? here(store.release(server, incarnation)).onFailure(this::isNotReleased).otherwise(false)
        : Future.succeededFuture();
  }

  private void isNotReleased(Throwable error) {
    LOG.atWarn()
        .addKeyValue("server", server)
        .addKeyValue("why", error.getMessage())
        .log("the lease could not be released: others wait until it is silent for long enough");
  }

  /** The connection of the lock answers on the context of whoever used it first. */
  private <T> Future<T> here(Future<T> answer) {
    Promise<T> promise = Promise.promise();
    answer.onComplete(done -> context.runOnContext(here -> promise.handle(done)));
    return promise.future();
  }
}
