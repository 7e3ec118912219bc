package dev.batuta.identity;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;

/**
 * The keys that sign tokens, the same for all nodes. The newest signs; the others are kept until
 * all that they signed has expired.
 */
public interface SigningKeys {
  /** No token is good for longer, so a key is kept so long after it has been retired. */
  Duration OVERLAP = TokenSigner.MAX_VALIDITY.plusDays(1);

  /** So many at once: one a day for as long as they are kept, and more. */
  int MAX_KEYS = 1_000;

  /** All, the oldest first; the first one is made, at random, by whoever asks first. */
  Future<List<SigningKey>> all();

  /** The one that signs. */
  default Future<SigningKey> current() {
    return all().map(List::getLast);
  }

  /**
   * Makes a new one, which signs from now on, and deletes those whose tokens have all expired.
   *
   * @return all, the new one last; BUSY while there are {@link #MAX_KEYS}
   */
  Future<List<SigningKey>> rotate();
}
