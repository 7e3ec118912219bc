package dev.batuta.orchestrator.store;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * Deletes finished tasks that are old, so that the tables do not grow for ever. Each call is one
 * short transaction, and may be repeated.
 *
 * <p>Never deleted: a task without an outcome, an entry of the ledger, a key that is in force. What
 * comes late for a deleted task is refused.
 */
public interface RetentionStore {

  /**
   * How far a call came.
   *
   * @param throughId where the next one goes on; 0 when nothing is left
   * @param deleted how many rows went
   */
  record Step(long throughId, int deleted) {}

  /**
   * Deletes tasks of a server, with their outcomes, that ended before a while.
   *
   * @param afterId 0 to begin with
   * @param limit tasks that are looked at
   */
  Future<Step> forgetTasks(String server, long afterId, Duration keep, int limit);

  /** Drops notes on the tasks of a server that ended later than those around them. */
  Future<Step> forgetStragglers(String server, long afterId, int limit);

  /**
   * Deletes idempotency keys of any server that are older than a while.
   *
   * @return how many; {@code limit} if there may be more
   */
  Future<Integer> forgetKeys(Duration keep, int limit);
}
