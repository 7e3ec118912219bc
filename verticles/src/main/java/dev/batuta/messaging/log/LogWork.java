package dev.batuta.messaging.log;

import dev.batuta.messaging.log.OpLog.Made;
import dev.batuta.messaging.log.OpLog.Taken;
import dev.batuta.messaging.replica.Batch;
import dev.batuta.messaging.replica.Op;
import io.vertx.core.Promise;
import java.util.List;

/** What waits for the writer of a log. */
sealed interface LogWork {
  Promise<?> promise();

  default int bytes() {
    return 0;
  }

  record Make(Batch batch, Promise<List<Made>> promise) implements LogWork {
    @Override
    public int bytes() {
      return batch.bytes();
    }
  }

  record Take(List<Op> ops, int bytes, Promise<Taken> promise) implements LogWork {}

  record Mark(boolean complete, Promise<Void> promise) implements LogWork {}

  /** What finding and reading needs is made anew, for the ops from one position to another. */
  record Renew(long from, long to, Promise<Void> promise) implements LogWork {}

  /** Nothing: the writer looks whether the log has ended. */
  record Wake(Promise<Void> promise) implements LogWork {}
}
