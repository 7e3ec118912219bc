package dev.batuta.election;

import java.time.Duration;

/**
 * Bounds of an election, in milliseconds.
 *
 * @param answer how long a better-ranked server has for its OK
 * @param announcement how long one that said OK has to announce itself
 * @param claim how long the database has to answer a claim
 * @param retry before a second claim, while an older lease runs out
 * @param lease a coordinator that could not renew for so long may not act
 * @param repeat between two announcements of a coordinator, because one may be lost
 * @param hush a follower that heard no announcement for so long starts an election
 * @param doubt for which a server ranks itself behind after a claim without an answer
 * @param notice after the database is reached again, until the others have heard of that too
 * @param calm after so long without an election the back-off starts anew
 * @param longest back-off between two elections, or two claims, of one server
 * @param settle for which a server that has just started leaves the baton to better ones
 * @param still a process that did not look at the time for so long stood still
 * @param young a process still loads what it answers with until it is so old
 */
public record Times(
    long answer,
    long announcement,
    long claim,
    long retry,
    long lease,
    long repeat,
    long hush,
    long doubt,
    long notice,
    long calm,
    long longest,
    long settle,
    long still,
    long young) {
  /** For servers that suspect each other after 1 s. */
  public static final Times DEFAULT =
      new Times(
          300, 1_500, 1_000, 150, 1_000, 500, 3_500, 3_000, 1_000, 10_000, 5_000, 2_000, 500,
          5_000);

  /** The same with another time to settle. */
  public Times settlingFor(Duration settle) {
    return new Times(
        answer,
        announcement,
        claim,
        retry,
        lease,
        repeat,
        hush,
        doubt,
        notice,
        calm,
        longest,
        settle.toMillis(),
        still,
        young);
  }
}
