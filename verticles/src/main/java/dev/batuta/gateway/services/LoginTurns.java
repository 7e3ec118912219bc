package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Logins of one client for one user go one after another, so that each is judged before the next is
 * let in: who sends many at once guesses no more often than who sends them in turn. Safe on any
 * thread.
 */
final class LoginTurns {
  private final Vertx vertx;
  private final int most;
  private final Map<String, Future<Void>> last = new HashMap<>();
  private int pending;

  /**
   * @param most that may wait or be judged at once, of all clients
   */
  LoginTurns(Vertx vertx, int most) {
    this.vertx = vertx;
    this.most = most;
  }

  /**
   * Makes an attempt when those before it are over, on the context that asks.
   *
   * @param of whom it is: those with the same text go one after another
   * @return what the attempt gives; BUSY where too many are pending
   */
  <T> Future<T> take(String of, Supplier<Future<T>> attempt) {
    Promise<Void> over = Promise.promise();
    Future<Void> before;
    synchronized (this) {
      if (pending >= most) {
        return Future.failedFuture(
            Refused.busy(
                "too-many-logins", "Too many logins at once; try again.", Duration.ofSeconds(1)));
      }
      pending++;
      before = last.put(of, over.future());
    }
    Future<Void> turn = before == null ? Future.succeededFuture() : here(before);
    return turn.compose(mine -> attempt.get()).onComplete(done -> leave(of, over));
  }

  private void leave(String of, Promise<Void> over) {
    synchronized (this) {
      pending--;
      last.remove(of, over.future());
    }
    over.complete();
  }

  private Future<Void> here(Future<Void> before) {
    Context asks = vertx.getOrCreateContext();
    Promise<Void> turn = Promise.promise();
    before.onComplete(over -> asks.runOnContext(next -> turn.complete()));
    return turn.future();
  }
}
