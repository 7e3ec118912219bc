package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;

/** What happens to a server. */
public sealed interface ElectionInput {
  /**
   * Time passed, or the membership changed.
   *
   * @param database whether this server reaches it, on the connection on which it would claim too
   */
  record Tick(boolean database) implements ElectionInput {}

  /** The connections of a server were seen to close: stronger evidence than silence. */
  record Gone(String server) implements ElectionInput {}

  /** A message of another server. */
  record Heard(ElectionMessage message) implements ElectionInput {}

  /** The compare-and-set succeeded, for a claim sent at {@code at}. */
  record Claimed(long epoch, long at) implements ElectionInput {}

  /** The database refused: {@code holder} holds {@code epoch}. */
  record ClaimRefused(long epoch, String holder, String why) implements ElectionInput {}

  /** The database did not say; claiming again tells. */
  record ClaimUnknown(String why) implements ElectionInput {}

  /** The epoch row was renewed, by a request sent at {@code at}. */
  record Renewed(long epoch, long at) implements ElectionInput {}

  /** The epoch row has another holder: what this server writes under its epoch is refused. */
  record RenewRefused(long epoch) implements ElectionInput {}

  /** An operator asks for an election. */
  record Asked() implements ElectionInput {}

  /** This server is about to leave. */
  record Stop() implements ElectionInput {}
}
