package dev.batuta.node;

import io.vertx.core.Future;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps of a stop: one that fails or throws says so in the log, and never keeps back the next. */
final class Stopping {
  private static final Logger LOG = LoggerFactory.getLogger(Stopping.class);

  private Stopping() {}

  /**
   * Takes one step; it completes, and never fails, once that has ended.
   *
   * @param what the step does, for the log
   */
  static Future<Void> step(String what, Supplier<? extends Future<?>> step) {
    return attempt(step)
        .onFailure(
            why ->
                LOG.atWarn()
                    .addKeyValue("step", what)
                    .addKeyValue("why", why)
                    .log("a step of the stop failed, the next ones follow"))
        .transform(ended -> Future.succeededFuture());
  }

  private static Future<?> attempt(Supplier<? extends Future<?>> step) {
    try {
      return step.get();
    } catch (RuntimeException why) {
      return Future.failedFuture(why);
    }
  }
}
