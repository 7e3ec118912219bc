package dev.batuta.gateway.services;

import io.vertx.core.Future;
import java.util.function.Supplier;

/** What a rule throws, the Future of a service says: nobody who asks has to catch anything. */
public final class Thrown {
  private Thrown() {}

  /** What is asked, or the refusal that asking it threw. */
  public static <T> Future<T> asFailure(Supplier<Future<T>> asked) {
    try {
      return asked.get();
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }
}
