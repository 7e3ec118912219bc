package dev.batuta.election;

import static dev.batuta.election.Reason.Code.RENEWAL_OVERDUE;
import static dev.batuta.election.Reason.Code.STOPS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a server claims that has just started. */
class ColdStartTest extends ElectionSteps {
  @Test
  void whoHasJustStartedLeavesTheBatonToAConfiguredOneThatMayRankBetter() {
    for (Map<String, Integer> ranks :
        List.of(Map.of("a", 1, "b", 2, "c", 3), Map.of("a", 1, "b", 2))) {
      coldStart(Policy.HIGHEST_RANK, ranks);
      peers = List.of();
      assertThat(claimsAfter(START, TIMES.settle())).isEqualTo(START + TIMES.settle());
    }
  }

  @Test
  void itWaitsForNoneThatRanksWorse() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2));
    peers = List.of();
    state = state.awaitingNoMore("c");
    assertThat(claimsAfter(START, TIMES.settle())).isEqualTo(START + TIMES.answer());
  }

  /** A rank is given once and the next is greater. */
  @Test
  void oneWithoutARankIsWorseWhereTheLowestRankIsTheBest() {
    coldStart(Policy.LOWEST_RANK, Map.of("b", 2));
    peers = List.of();
    assertThat(claimsAfter(START, TIMES.settle())).isEqualTo(START + TIMES.answer());
    coldStart(Policy.LOWEST_RANK, Map.of("a", 1, "b", 2));
    assertThat(claimsAfter(START, TIMES.settle())).isEqualTo(START + TIMES.settle());
  }

  @Test
  void aBetterOneInSightIsLeftTheBatonToButOneWithoutTheDatabaseIsNot() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2, "c", 3));
    peers = List.of(BETTER);
    now = START + 3 * TIMES.settle() - 1;
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    peers = List.of(new Peer("c", 3, false, true));
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(0));
  }

  /** It may hang between its first heartbeat and its first election. */
  @Test
  void aBetterOneInSightIsNotWaitedForForEver() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2, "c", 3));
    peers = List.of(BETTER);
    now = START + 3 * TIMES.settle();
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(send("c", electionOf(SELF)));
  }

  @Test
  void itDoesNotClaimBeforeItsOwnConnectionIsWarmAndThenAtOnce() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2));
    state = state.awaitingNoMore("c");
    peers = List.of();
    now = START + TIMES.answer();
    assertThat(take(new ElectionInput.Tick(false))).isEmpty();
    now += 500;
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(0));
  }

  @Test
  void whoWasThereAndIsGoneIsNotWaitedFor() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2, "c", 3));
    peers = List.of();
    now = START + TIMES.answer();
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    take(new ElectionInput.Gone("c"));
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(0));
  }

  /** Failover takes no longer than without that wait. */
  @Test
  void onceACoordinatorWasKnownNobodyIsWaitedFor() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2, "c", 3));
    hear(coordinator("c", 1, false, ""));
    peers = List.of(WORSE);
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(1));
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2, "c", 3));
    assertThat(hear(released("c", 1, STOPS))).containsExactly(new ElectionEffect.Claim(1));
  }

  /** When it claims, 0 when it does not. */
  private long claimsAfter(long start, long millis) {
    for (now = start; now <= start + millis; now++) {
      if (!take(new ElectionInput.Tick(true)).isEmpty()) {
        return now;
      }
    }
    return 0;
  }

  @Test
  void whoLetTheBatonGoBecauseItLeavesIsNotAskedThoughItSeemsToBeThere() {
    in(FOLLOWING);
    assertThat(hear(released("c", 7, STOPS))).containsExactly(new ElectionEffect.Claim(7));
    in(FOLLOWING);
    assertThat(hear(released("c", 7, RENEWAL_OVERDUE, 7)))
        .containsExactly(send("c", electionOf(SELF)));
  }
}
