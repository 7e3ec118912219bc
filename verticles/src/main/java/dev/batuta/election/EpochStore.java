package dev.batuta.election;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * The epoch row: who holds the baton.
 *
 * <p>The holder proves that it lives in two ways: it renews the row, and it holds, on a connection
 * of its own, a lock of the database that is named after its incarnation.
 */
public interface EpochStore {

  /** How old the last renewal must be, by the clock of the database, before another may claim. */
  Duration LEASE = Duration.ofSeconds(1);

  /** The answer to a claim, from the row as it was read back. */
  sealed interface Claim {
    /** This incarnation holds the baton. */
    record Won(long epoch) implements Claim {}

    /** Another one does. */
    record Refused(long epoch, String holder, String why) implements Claim {}
  }

  /**
   * The row.
   *
   * @param epoch 0 before the first claim ever
   * @param holder empty before the first claim ever
   * @param sinceRenewal by the clock of the database
   */
  record EpochRow(
      long epoch, String holder, long incarnation, boolean released, Duration sinceRenewal) {}

  /**
   * Opens the connection on which claims and renewals go, and completes once it has answered: so
   * that a claim does not wait for that.
   */
  Future<Void> connect(long incarnation);

  /**
   * Advances the epoch, if its holder has released it, has not renewed it for {@link #LEASE}, or
   * has lost its lock.
   *
   * @param above the highest epoch that the claimant knows of: what it wins is later, also when the
   *     row was set back, as by the restoring of a backup. If it holds a later one already, by a
   *     claim whose answer never came, that one is renewed and is the answer: so after an UNKNOWN
   *     claim one claims again
   */
  Future<Claim> claim(String server, long incarnation, long above);

  /** Every 250 ms by the holder; false: it is the holder no more, and must step down. */
  Future<Boolean> renew(long epoch, long incarnation);

  /** Lets others claim at once; false: it was the holder no more. */
  Future<Boolean> release(long epoch, long incarnation);

  Future<EpochRow> read();

  /** Gives up the lock and its connection. */
  Future<Void> close();
}
