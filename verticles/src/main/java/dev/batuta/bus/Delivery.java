package dev.batuta.bus;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.util.Arrays;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls of Vert.x's event bus, made so that a message that cannot be written is lost, and nothing
 * else is.
 *
 * <p>In Vert.x 5.0.10 the promise that a message is written answers {@code false} to each failure
 * that it is told of ({@code OutboundDeliveryContext.tryFail}), which {@code Promise.fail} takes
 * for a second completion. So every write to a connection that has just closed throws "Promise
 * already completed", though nobody completed it twice. On the context of that connection it is
 * thrown into the call: a publication does not reach the nodes that come next, and who completes a
 * promise of which an answer over the bus is a listener is thrown out of what it does.
 */
final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private Delivery() {}

  /**
   * Calls the event bus from a context of its own on the caller's thread, never that of a
   * connection, which knows what the caller's does (its trace): what is thrown then ends at {@link
   * #uncaught}. The answer comes on the context of the caller.
   */
  static <T> Future<T> apart(Vertx vertx, Supplier<Future<T>> call) {
    ContextInternal caller = (ContextInternal) vertx.getOrCreateContext();
    PromiseInternal<T> answer = caller.promise();
    if (caller.inThread()) {
      caller.duplicate(true).dispatch(apart -> begin(call, answer));
    } else {
      begin(call, answer);
    }
    return answer.future();
  }

  private static <T> void begin(Supplier<Future<T>> call, PromiseInternal<T> answer) {
    try {
      call.get().onComplete(answer);
    } catch (RuntimeException defect) {
      answer.tryFail(defect);
    }
  }

  /** What nobody catches on any context: a defect, but for a message that was not written. */
  static void uncaught(Throwable error) {
    if (isUnwritten(error)) {
      LOG.debug("a message was not written: its connection has closed", error);
    } else {
      LOG.error("Unhandled exception", error);
    }
  }

  /**
   * Thrown by the promise of a write as the library completes it: no call of ours is below, and a
   * connection is.
   */
  private static boolean isUnwritten(Throwable error) {
    StackTraceElement[] trace = error.getStackTrace();
    return error instanceof IllegalStateException
        && "Promise already completed".equals(error.getMessage())
        && trace.length > 0
        && Arrays.stream(trace)
            .limit(3)
            .allMatch(frame -> frame.getClassName().startsWith("io.vertx.core."))
        && Arrays.stream(trace).map(StackTraceElement::getClassName).anyMatch(Delivery::isOfNet);
  }

  private static boolean isOfNet(String name) {
    return name.startsWith("io.vertx.core.net.impl.") || name.startsWith("io.netty.");
  }
}
