package dev.batuta.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what nobody announces. */
public final class Polling {
  private static final long LOOK_MILLIS = 20;

  private Polling() {}

  /**
   * Succeeds as soon as a condition is seen to hold, or when the time is over; the caller looks
   * which. The condition is looked at on the event loop of the caller.
   */
  public static Future<Void> until(Vertx vertx, BooleanSupplier condition, Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    BooleanSupplier over = () -> System.nanoTime() - end >= 0 || condition.getAsBoolean();
    if (over.getAsBoolean()) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    vertx.setPeriodic(
        LOOK_MILLIS,
        timer -> {
          if (over.getAsBoolean()) {
            vertx.cancelTimer(timer);
            promise.complete();
          }
        });
    return promise.future();
  }
}
