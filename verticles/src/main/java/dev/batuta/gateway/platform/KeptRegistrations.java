package dev.batuta.gateway.platform;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The registrations of one gateway. Of a worker one change is carried out at a time, and of those
 * that come meanwhile the last, so that what is kept in the end is what was wanted last. Belongs to
 * one event loop.
 */
final class KeptRegistrations {
  private final RegistrationStore store;
  private final String gateway;

  /** By the worker of which something is carried out. */
  private final Map<String, Turn> turns = new HashMap<>();

  /** What is to follow it. */
  private static final class Turn {
    @Nullable Change next;
  }

  private record Change(Supplier<Future<Void>> write, Promise<Void> done) {}

  KeptRegistrations(RegistrationStore store, String gateway) {
    this.store = store;
    this.gateway = gateway;
  }

  /** Those that are kept; when there are more, {@code most} of them. */
  Future<List<Registration>> all(int most) {
    return store.all(gateway, most);
  }

  /** Completes once it is kept, or what was wanted after it is. */
  Future<Void> keep(Registration registration) {
    return change(registration.worker(), () -> store.keep(gateway, registration));
  }

  /** Completes once nothing is kept of the worker, or what was wanted after it is. */
  Future<Void> forget(String worker) {
    return change(worker, () -> store.forget(gateway, worker));
  }

  private Future<Void> change(String worker, Supplier<Future<Void>> write) {
    Turn turn = turns.get(worker);
    if (turn == null) {
      return carryOut(worker, write);
    }
    Promise<Void> done = turn.next == null ? Promise.promise() : turn.next.done();
    turn.next = new Change(write, done);
    return done.future();
  }

  private Future<Void> carryOut(String worker, Supplier<Future<Void>> write) {
    turns.put(worker, new Turn());
    return write.get().onComplete(ended -> goOn(worker));
  }

  private void goOn(String worker) {
    Change next = Objects.requireNonNull(turns.remove(worker)).next;
    if (next != null) {
      carryOut(worker, next.write()).onComplete(next.done());
    }
  }
}
