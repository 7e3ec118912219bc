package dev.batuta.identity;

import dev.batuta.codec.Bytes;
import java.time.Instant;
import java.util.Optional;

/**
 * A key of HMAC-SHA-256 by which tokens are signed.
 *
 * @param id named in the header of each token that it signed, {@code kid}
 * @param secret 32 bytes
 * @param createdAt by the database's clock
 * @param retiredAt when the next one was made; from then on it reads only what it signed before
 */
public record SigningKey(String id, Bytes secret, Instant createdAt, Optional<Instant> retiredAt) {

  /** The first key: of tokens that name none, as there was one key only when they were signed. */
  public static final String FIRST = "1";

  @Override
  public String toString() {
    return "SigningKey[" + id + "]";
  }
}
