package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.services.Thrown;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks once for all who want to know the same at the same time. Who comes while an answer is under
 * way waits for the next one, which is asked for only then: so nobody is told what was so before he
 * asked, and a client sees its own registration. Belongs to one context.
 *
 * @param <T> what is answered, which nobody changes
 */
final class SharedQuestion<T> {
  private final Supplier<Future<T>> ask;
  private boolean underWay;
  private @Nullable Promise<T> next;

  /**
   * @param ask completes on the context of the asker
   */
  SharedQuestion(Supplier<Future<T>> ask) {
    this.ask = ask;
  }

  Future<T> answer() {
    if (!underWay) {
      return begin();
    }
    Promise<T> waiting = next;
    if (waiting == null) {
      waiting = Promise.promise();
      next = waiting;
    }
    return waiting.future();
  }

  private Future<T> begin() {
    underWay = true;
    // A question that throws is answered too, or nobody would ever ask again.
    return Thrown.asFailure(ask).onComplete(done -> goOn());
  }

  private void goOn() {
    underWay = false;
    Promise<T> waiting = next;
    next = null;
    if (waiting != null) {
      begin().onComplete(waiting);
    }
  }
}
