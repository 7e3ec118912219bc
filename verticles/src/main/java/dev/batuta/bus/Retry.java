package dev.batuta.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Repeats a call that is safe to repeat, after pauses that double, with jitter, up to a bound. */
public final class Retry {
  private static final Duration FIRST = Duration.ofMillis(50);

  private Retry() {}

  /**
   * Calls until it succeeds or fails for good.
   *
   * @param again whether to go on after a failure
   * @param maxPause longest pause between two calls
   */
  public static <T> Future<T> whileFailing(
      Vertx vertx, Supplier<Future<T>> call, Predicate<Throwable> again, Duration maxPause) {
    Promise<T> promise = Promise.promise();
    attempt(vertx, call, again, FIRST.toMillis(), maxPause.toMillis(), promise);
    return promise.future();
  }

  private static <T> void attempt(
      Vertx vertx,
      Supplier<Future<T>> call,
      Predicate<Throwable> again,
      long pauseMillis,
      long maxPauseMillis,
      Promise<T> promise) {
    call.get()
        .onSuccess(promise::complete)
        .onFailure(
            error -> {
              if (!again.test(error)) {
                promise.fail(error);
                return;
              }
              long jittered = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis);
              long next = Math.min(maxPauseMillis, pauseMillis * 2);
              vertx.setTimer(
                  Math.max(1, jittered),
                  timer -> attempt(vertx, call, again, next, maxPauseMillis, promise));
            });
  }
}
