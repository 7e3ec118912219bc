package dev.batuta.identity;

import dev.batuta.codec.Refused;
import java.time.Duration;
import java.time.Instant;

/**
 * Who is known by a token, and the instant at which it stops to be one.
 *
 * @param passwordNumber how many passwords its user had been given, the one that gave this token
 *     included; 0 if none gave it
 */
public record Session(Caller caller, String token, Instant expiresAt, int passwordNumber) {
  /** How long a token is one that a password gave. */
  public static final Duration OF_PASSWORD = Duration.ofHours(12);

  /** Whether its user has been given another password since. */
  boolean isOutlivedBy(int number) {
    return passwordNumber > 0 && passwordNumber < number;
  }

  /** The refusal of a token that an older password gave. */
  Refused outlived() {
    return Refused.unauthenticated(
        "token-expired",
        "The password of \""
            + Refused.shown(caller.user())
            + "\" was set anew after this token was given; log in again.");
  }

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
