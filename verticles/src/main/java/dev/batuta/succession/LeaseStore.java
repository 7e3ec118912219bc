package dev.batuta.succession;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * The evidence that a server lives: it renews its lease, and holds, on a connection of its own, a
 * lock of the database that is named after its incarnation. Ages are by the clock of the database.
 */
public interface LeaseStore {

  /** How often a server renews. */
  Duration RENEWAL = Duration.ofSeconds(1);

  /** Silence after which a server may be taken for dead, though its connection is open. */
  Duration SILENCE = Duration.ofSeconds(3);

  /**
   * "This server lives, in this run of its process": to be said before it opens its queue. The
   * lease of an earlier run of the same server is over with it. May be repeated.
   */
  Future<Void> claim(String server, long incarnation);

  /** False: the lease is another run's, or released. */
  Future<Boolean> renew(String server, long incarnation);

  /** "Its queue is closed": its tasks may be taken at once. False: it was not this run's. */
  Future<Boolean> release(String server, long incarnation);
}
