package dev.batuta.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
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
    return whileFailing(Timers.of(vertx), call, again, maxPause);
  }

  /** The same, with pauses by these timers. */
  public static <T> Future<T> whileFailing(
      Timers timers, Supplier<Future<T>> call, Predicate<Throwable> again, Duration maxPause) {
    Promise<T> promise = Promise.promise();
    attempt(timers, call, again, FIRST.toMillis(), maxPause.toMillis(), promise);
    return promise.future();
  }

  private static <T> void attempt(
      Timers timers,
      Supplier<Future<T>> call,
      Predicate<Throwable> again,
      long pauseMillis,
      long maxPauseMillis,
      Promise<T> promise) {
    // Inside compose, so that a call that throws is one that failed.
    Future.succeededFuture()
        .compose(now -> call.get())
        .onSuccess(promise::complete)
        .onFailure(
            error -> {
              if (!again.test(error)) {
                promise.fail(error);
                return;
              }
              long jittered = pauseMillis / 2 + timers.random(pauseMillis);
              long next = Math.min(maxPauseMillis, pauseMillis * 2);
              timers.after(
                  Math.max(1, jittered),
                  () -> attempt(timers, call, again, next, maxPauseMillis, promise));
            });
  }
}
