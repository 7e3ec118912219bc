package dev.batuta.gateway.services;

import io.vertx.core.Future;
import java.util.function.Supplier;

/** What a rule throws, the Future of a service says: nobody who asks has to catch anything. */
final class Attempt {
  private Attempt() {}

  static <T> Future<T> of(Supplier<Future<T>> asked) {
    try {
      return asked.get();
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }
}
