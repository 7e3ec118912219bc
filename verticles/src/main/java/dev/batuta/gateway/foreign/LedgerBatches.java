package dev.batuta.gateway.foreign;

import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.ledger.LedgerStore.OfWorker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the ledger execute what many workers have done, each a task at a time, in batches that form
 * by what waits. Tasks of one account are in one lane, so that batches that run side by side lock
 * different accounts. Belongs to one event loop; what waits is bounded by the number of workers.
 */
final class LedgerBatches {
  private static final Logger LOG = LoggerFactory.getLogger(LedgerBatches.class);
  private static final int LANES = 2;
  private static final int BATCH = 500;

  private final Timers timers;
  private final LedgerStore ledger;
  private final List<Lane> lanes = Stream.generate(Lane::new).limit(LANES).toList();
  private boolean closed;

  private record Waiting(
      String server, long term, OfWorker task, Promise<Optional<Outcome>> outcome) {}

  private static final class Lane {
    final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    boolean executing;
  }

  LedgerBatches(Timers timers, LedgerStore ledger) {
    this.timers = timers;
    this.ledger = ledger;
  }

  /**
   * Executes a task of the ledger under the term of a server's queue.
   *
   * @return its outcome; empty when its attempt is not the present one. Fails when it cannot be
   *     executed, or when the term is over; while the database is away it waits.
   */
  Future<Optional<Outcome>> execute(String server, long term, String worker, Assignment task) {
    Promise<Optional<Outcome>> outcome = Promise.promise();
    Lane lane = lanes.get(Math.floorMod(Words.user(task.payload()).hashCode(), LANES));
    lane.waiting.add(new Waiting(server, term, new OfWorker(worker, task), outcome));
    if (!lane.executing) {
      lane.executing = true;
      timers.next(() -> next(lane)); // with what comes in the same turn
    }
    return outcome.future();
  }

  /** Pursues nothing any more. */
  void close() {
    closed = true;
  }

  private void next(Lane lane) {
    List<Waiting> batch = batch(lane);
    lane.executing = !batch.isEmpty();
    if (lane.executing) {
      execute(batch).onComplete(done -> next(lane));
    }
  }

  /** The first that are of one term, each task once. */
  private static List<Waiting> batch(Lane lane) {
    List<Waiting> batch = new ArrayList<>();
    Set<Long> ids = new HashSet<>();
    Waiting first = lane.waiting.peek();
    for (Waiting each = first;
        each != null
            && first != null
            && batch.size() < BATCH
            && each.term() == first.term()
            && each.server().equals(first.server())
            && ids.add(each.task().task().id());
        each = lane.waiting.peek()) {
      batch.add(lane.waiting.remove());
    }
    return batch;
  }

  /** One that fails for good is halved, until the task that is to blame is alone. */
  private Future<Void> execute(List<Waiting> batch) {
    Waiting first = batch.getFirst();
    List<OfWorker> tasks = batch.stream().map(Waiting::task).toList();
    return RetryUntilKnown.whilePassing(
            timers,
            () -> ledger.executeOfMany(first.server(), first.term(), tasks),
            error -> !closed)
        .<Void>map(
            outcomes -> {
              give(batch, outcomes);
              return null;
            })
        .recover(
            error -> {
              if (batch.size() == 1 || closed || Refused.isFenced(error)) {
                note(batch.size(), error);
                batch.forEach(each -> each.outcome().fail(error));
                return Future.succeededFuture();
              }
              int half = batch.size() / 2;
              return execute(batch.subList(0, half))
                  .compose(done -> execute(batch.subList(half, batch.size())));
            });
  }

  private void note(int tasks, Throwable error) {
    if (!closed && !Refused.isFenced(error)) {
      LOG.atError().setCause(error).addKeyValue("tasks", tasks).log("a batch failed");
    }
  }

  private static void give(List<Waiting> batch, List<Outcome> outcomes) {
    Map<Long, Outcome> byId = new HashMap<>();
    outcomes.forEach(outcome -> byId.put(outcome.id(), outcome));
    batch.forEach(
        each -> each.outcome().complete(Optional.ofNullable(byId.get(each.task().task().id()))));
  }
}
