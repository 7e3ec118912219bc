package dev.batuta.election;

import java.time.Duration;

/**
 * A server that is believed to live.
 *
 * @param rank from the reference service
 * @param database whether it reaches the database
 * @param steady whether it has been in sight for {@link #STEADY}: the baton does not go to and from
 *     one that comes and goes
 */
public record Peer(String name, int rank, boolean database, boolean steady) {
  /** Twice the silence after which a server is suspected. */
  public static final Duration STEADY = Duration.ofSeconds(2);
}
