package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.util.function.Supplier;

/** The way from a process to the database. */
public interface Link {
  /** Every call is carried out and answered at once. */
  Link INSTANT =
      new Link() {
        @Override
        public <T> Future<T> write(Supplier<Transactions<T>> call) {
          return read(() -> Transactions.run(call.get()));
        }

        @Override
        public <T> Future<T> read(Supplier<T> query) {
          try {
            return Future.succeededFuture(query.get());
          } catch (Refused refused) {
            return Future.failedFuture(refused);
          }
        }
      };

  <T> Future<T> write(Supplier<Transactions<T>> call);

  <T> Future<T> read(Supplier<T> query);
}
