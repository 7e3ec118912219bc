package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Refused;
import java.util.Optional;
import java.util.function.Supplier;

/** One call of a procedure: transactions that are committed one after another, and the answer. */
public interface Transactions<T> {
  /**
   * Commits the next one, whole.
   *
   * @return whether there may be another
   * @throws Refused when it was rolled back; those before it stay
   */
  boolean commit();

  /** What the procedure answers after the last one. */
  T answer();

  /** A call that is a single transaction. */
  static <T> Transactions<T> one(Supplier<T> transaction) {
    return new Transactions<>() {
      private Optional<T> answer = Optional.empty();

      @Override
      public boolean commit() {
        answer = Optional.of(transaction.get());
        return false;
      }

      @Override
      public T answer() {
        return answer.orElseThrow();
      }
    };
  }

  /** All of them, at once. */
  static <T> T run(Transactions<T> call) {
    while (call.commit()) {
      // on to the next one
    }
    return call.answer();
  }
}
