package dev.batuta.identity;

import dev.batuta.codec.Refused;
import java.time.Instant;

/** Who is known by a token, and the instant at which it stops to be one. */
public record Session(Caller caller, String token, Instant expiresAt) {

  /** The refusal of a token that was one. */
  public static Refused expired() {
    return Refused.unauthenticated("token-expired", "The token has expired; log in again.");
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "Session[" + caller + ", " + expiresAt + "]";
  }
}
