package dev.batuta.bus;

import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When things happen on the event loop that somebody belongs to. What takes time and chance from
 * here, and messages from {@link Requests}, runs in a simulation as it does in a cluster.
 */
public interface Timers {

  /** By the clock of this machine, since 1970. */
  long nowMillis();

  /** Lets something happen once, not before so many milliseconds have passed. */
  void after(long millis, Runnable action);

  /** Lets something happen when what happens now is over. */
  void next(Runnable action);

  /** A number from 0 on, below a bound, for jitter. */
  long random(long bound);

  /**
   * Those of the event loop that calls. What happens by them is done for nobody in particular: the
   * trace of the request during which it was asked for ({@link dev.batuta.tracing.CurrentTrace})
   * ends there.
   */
  static Timers of(Vertx vertx) {
    return new Timers() {
      @Override
      public long nowMillis() {
        return System.currentTimeMillis();
      }

      @Override
      public void after(long millis, Runnable action) {
        vertx.setTimer(Math.max(1, millis), timer -> forNobody(action));
      }

      @Override
      public void next(Runnable action) {
        vertx.runOnContext(turn -> forNobody(action));
      }

      @Override
      public long random(long bound) {
        return ThreadLocalRandom.current().nextLong(bound);
      }
    };
  }

  private static void forNobody(Runnable action) {
    ContextInternal here = ContextInternal.current();
    if (here.isDuplicate()) {
      here.unwrap().dispatch(action);
    } else {
      action.run();
    }
  }
}
