package dev.batuta.orchestrator;

import dev.batuta.codec.Refused;
import dev.batuta.orchestrator.store.RetentionStore;
import dev.batuta.orchestrator.store.RetentionStore.Step;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Has the finished tasks of a server deleted when they are old. It sweeps over them now and then,
 * in short transactions with pauses as long as each took, so that half of one connection is the
 * most that it takes from others.
 */
public final class RetentionVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(RetentionVerticle.class);

  /** Tasks, or other rows, of one transaction. */
  private static final int STEP = 1_000;

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final RetentionStore store;
  private final String server;
  private final Duration keep;
  private final Duration keepKeys;
  private boolean sweeping;
  private boolean stopped;

  /**
   * @param keep how long a task is kept after it ended
   * @param keepKeys how long an idempotency key is kept; not longer than tasks, for a key gives the
   *     tasks that were submitted under it
   */
  public RetentionVerticle(RetentionStore store, String server, Duration keep, Duration keepKeys) {
    if (keep.compareTo(keepKeys) < 0) {
      throw new IllegalArgumentException(
          "tasks are kept for " + keep + ", and keys that give them for " + keepKeys);
    }
    this.store = store;
    this.server = server;
    this.keep = keep;
    this.keepKeys = keepKeys;
  }

  @Override
  public Future<?> start() {
    long pause = Math.clamp(keep.toMillis() / 10, 1_000, LONGEST_PAUSE.toMillis());
    vertx.setPeriodic(pause, timer -> sweep());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    return Future.succeededFuture();
  }

  private void sweep() {
    if (sweeping || stopped) {
      return;
    }
    sweeping = true;
    sweep(after -> forgetKeys())
        .compose(none -> sweep(after -> store.forgetStragglers(server, after, STEP)))
        .compose(none -> sweep(after -> store.forgetTasks(server, after, keep, STEP)))
        .onComplete(done -> sweeping = false)
        .onSuccess(this::log)
        .onFailure(this::logEarlyEnd);
  }

  private Future<Step> forgetKeys() {
    return store
        .forgetKeys(keepKeys, STEP)
        .map(deleted -> new Step(deleted < STEP ? 0 : 1, deleted));
  }

  /** From the first id to the end; gives how much was deleted. */
  private Future<Long> sweep(LongFunction<Future<Step>> forget) {
    Promise<Long> end = Promise.promise();
    sweep(0, 0, forget, end);
    return end.future();
  }

  /** One promise for all steps: composed, thousands of them would end on top of each other. */
  private void sweep(
      long afterId, long before, LongFunction<Future<Step>> forget, Promise<Long> end) {
    long began = System.nanoTime();
    forget
        .apply(afterId)
        .onFailure(end::fail)
        .onSuccess(
            step -> {
              long deleted = before + step.deleted();
              if (step.throughId() == 0 || stopped) {
                end.complete(deleted);
              } else {
                pause(began)
                    .onFailure(end::fail)
                    .onSuccess(over -> sweep(step.throughId(), deleted, forget, end));
              }
            });
  }

  private Future<?> pause(long beganNanos) {
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos);
    return vertx.timer(Math.clamp(took, 1, 1_000), TimeUnit.MILLISECONDS);
  }

  /** The next sweep begins anew: what is done is done. */
  private void logEarlyEnd(Throwable why) {
    LOG.atLevel(Refused.isDefect(why) ? Level.ERROR : Level.DEBUG)
        .setCause(why)
        .addKeyValue("server", server)
        .log("a sweep over finished tasks ended early");
  }

  private void log(long deleted) {
    if (deleted > 0) {
      LOG.atInfo()
          .addKeyValue("server", server)
          .addKeyValue("tasks", deleted)
          .log("old finished tasks deleted");
    }
  }
}
