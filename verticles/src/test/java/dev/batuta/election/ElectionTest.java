package dev.batuta.election;

import static dev.batuta.election.Reason.Code.CLAIM_ANSWERED_LATE;
import static dev.batuta.election.Reason.Code.RANKS_BETTER;
import static dev.batuta.election.Reason.Code.REPLACED;
import static dev.batuta.election.Reason.Code.STOPS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.HandOver;
import dev.batuta.codec.ElectionMessage.Ok;
import dev.batuta.codec.ElectionMessage.Released;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single steps of the server b, which ranks between a and c. */
class ElectionTest extends ElectionSteps {
  // ---- claims ----

  @Test
  void aClaimThatIsWonLeadsForALeaseFromWhenItWasSent() {
    in(CLAIMING);
    assertThat(take(new ElectionInput.Claimed(8, START - 200)))
        .containsExactly(new ElectionEffect.Publish(coordinator("b", 8, false, "c")));
    assertThat(state.mayAct(START + 800)).hasValue(8);
    assertThat(state.mayAct(START + 801)).isEmpty();
  }

  @Test
  void aClaimThatIsAnsweredTooLateIsReleasedWhateverElseGoesOn() {
    for (Phase phase : List.of(IDLE, ASKING, DEFERRING, REFUSED, LEADING, ACTING, FOLLOWING)) {
      in(phase);
      assertThat(take(new ElectionInput.Claimed(8, START)))
          .as("in %s", phase)
          .containsExactly(new ElectionEffect.Release(8, released("b", 8, CLAIM_ANSWERED_LATE)));
      assertThat(state.phase()).isEqualTo(phase);
    }
  }

  @Test
  void aClaimThatWonNothingNewerThanIsKnownIsReleased() {
    in(CLAIMING);
    assertThat(take(new ElectionInput.Claimed(7, START)))
        .singleElement()
        .isInstanceOf(ElectionEffect.Release.class);
    assertThat(state.phase()).isInstanceOf(Phase.Idle.class);
  }

  @Test
  void theRepeatedAnswerOfTheClaimThatLeadsChangesNothing() {
    in(LEADING);
    assertThat(take(new ElectionInput.Claimed(7, START))).isEmpty();
    assertThat(state.phase()).isEqualTo(LEADING);
  }

  @Test
  void afterAClaimWithoutAnAnswerItRanksBehindWhoReachesTheDatabase() {
    in(CLAIMING);
    take(new ElectionInput.ClaimUnknown("the connection broke"));
    assertDoubts();
  }

  @Test
  void aClaimThatIsNotAnsweredInTimeCountsAsUnknown() {
    in(CLAIMING);
    now = START + TIMES.still();
    take(new ElectionInput.Tick(true));
    now = START + TIMES.claim() - 1;
    take(new ElectionInput.Tick(true));
    assertThat(state.phase()).isEqualTo(CLAIMING);
    now++;
    take(new ElectionInput.Tick(true));
    assertDoubts();
  }

  private void assertDoubts() {
    long since = now;
    assertThat(state.phase()).isInstanceOf(Phase.Idle.class);
    assertThat(hear(electionOf(WORSE))).isEmpty();
    now = since + TIMES.doubt() - 1;
    take(new ElectionInput.Tick(true));
    assertThat(hear(electionOf(WORSE))).isEmpty();
    now++;
    take(new ElectionInput.Tick(true));
    assertThat(hear(electionOf(WORSE))).contains(send("a", new Ok("b", 2)));
  }

  /** One who does not hear that the baton was let go would leave it to the next best. */
  @Test
  void aServerAsksForTheBatonOnlyWhomItHears() {
    in(CLAIMING);
    assertThat(take(refusedBy("a"))).contains(send("a", new HandOver("b", 2)));
    in(CLAIMING);
    peers = List.of();
    assertThat(take(refusedBy("a"))).isEmpty();
    assertThat(state.phase()).isInstanceOf(Phase.Refused.class);
  }

  private static ElectionInput refusedBy(String holder) {
    return new ElectionInput.ClaimRefused(7, holder, "it renews");
  }

  // ---- leading ----

  @Test
  void aRenewalThatIsRefusedEndsTheLeadershipOfThatEpochOnly() {
    in(LEADING);
    assertThat(take(new ElectionInput.RenewRefused(6))).isEmpty();
    assertThat(state.mayAct(START)).hasValue(7);
    assertThat(take(new ElectionInput.RenewRefused(7)))
        .containsExactly(new ElectionEffect.Publish(released("b", 7, REPLACED, 7)));
    assertThat(state.mayAct(START)).isEmpty();
    assertThat(state.phase()).isEqualTo(new Phase.Idle(START + TIMES.retry()));
  }

  @Test
  void aRenewalCountsForItsOwnEpochOnly() {
    in(LEADING);
    take(new ElectionInput.Renewed(6, START + 500));
    take(new ElectionInput.Renewed(8, START + 500));
    assertThat(state.mayAct(START + 1_001)).isEmpty();
    take(new ElectionInput.Renewed(7, START + 500));
    assertThat(state.mayAct(START + 1_500)).hasValue(7);
    take(new ElectionInput.Renewed(7, START + 100));
    assertThat(state.mayAct(START + 1_500)).hasValue(7);
  }

  @Test
  void whoLeadsFollowsANewerEpochWhoeverHasIt() {
    for (Peer newer : peers) {
      in(LEADING);
      hear(coordinator(newer.name(), 8, false, ""));
      assertThat(state.phase()).isEqualTo(new Phase.Following(newer.name(), 8, false, START));
      assertThat(state.mayAct(START)).isEmpty();
      state = underC();
    }
  }

  @Test
  void whoLeadsDoesNotFollowItsOwnEpoch() {
    in(LEADING);
    hear(coordinator("c", 7, false, ""));
    assertThat(state.phase()).isEqualTo(LEADING);
  }

  @Test
  void theBatonGoesToABetterOneInSightThatIsSteady() {
    in(LEADING);
    assertThat(hear(new HandOver("c", 3)))
        .containsExactly(new ElectionEffect.Release(7, released("b", 7, RANKS_BETTER, "c")));
    assertThat(state.phase()).isEqualTo(new Phase.Idle(START + TIMES.announcement()));
  }

  @Test
  void theBatonGoesToNobodyElse() {
    in(LEADING);
    assertThat(hear(new HandOver("a", 1))).as("a worse one").isEmpty();
    peers = List.of(WORSE, new Peer("c", 3, true, false));
    assertThat(hear(new HandOver("c", 3))).as("one that comes and goes").isEmpty();
    peers = List.of(WORSE, new Peer("c", 3, false, true));
    assertThat(hear(new HandOver("c", 3))).as("one without the database").isEmpty();
    peers = List.of(WORSE);
    assertThat(hear(new HandOver("c", 3))).as("one out of sight").isEmpty();
    assertThat(state.phase()).isEqualTo(LEADING);
  }

  @Test
  void aLeaderThatStopsLetsGoAndSaysNothingMore() {
    in(LEADING);
    assertThat(take(new ElectionInput.Stop()))
        .containsExactly(new ElectionEffect.Release(7, released("b", 7, STOPS)));
    assertThat(state.mayAct(START)).isEmpty();
    now = START + 60_000;
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    assertThat(hear(electionOf(WORSE))).isEmpty();
  }

  @Test
  void aClaimThatIsWonAfterTheStopIsReleased() {
    in(CLAIMING);
    assertThat(take(new ElectionInput.Stop())).isEmpty();
    assertThat(take(new ElectionInput.Claimed(8, START)))
        .containsExactly(new ElectionEffect.Release(8, released("b", 8, STOPS)));
    assertThat(state.mayAct(START)).isEmpty();
  }

  // ---- following ----

  @Test
  void announcementsOfOlderEpochsAreNotFollowed() {
    for (Phase phase : List.of(IDLE, ASKING, DEFERRING, LEADING, ACTING, FOLLOWING)) {
      in(phase);
      hear(coordinator("a", 6, false, ""));
      hear(coordinator("c", 6, true, ""));
      assertThat(state.phase()).isEqualTo(phase);
    }
  }

  @Test
  void anActingCoordinatorIsFollowedByNoneThatMayLeadItself() {
    for (Phase phase : List.of(LEADING, CLAIMING, REFUSED)) {
      in(phase);
      hear(coordinator("c", 7, true, ""));
      assertThat(state.phase()).isEqualTo(phase);
    }
  }

  @Test
  void anActingCoordinatorIsNotFollowedWhileOneWithPowersIsInSight() {
    in(FOLLOWING);
    hear(coordinator("a", 7, true, ""));
    assertThat(state.phase()).isEqualTo(FOLLOWING);
    peers = List.of(WORSE);
    hear(coordinator("a", 7, true, ""));
    assertThat(state.phase()).isEqualTo(new Phase.Following("a", 7, true, START));
  }

  @Test
  void aCoordinatorWhoseConnectionsClosedIsReplacedAtOnceWhateverTheBackOff() {
    in(FOLLOWING);
    state = state.with(new Backoff(5, START + 5_000, START - 1_000));
    peers = List.of(WORSE);
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    assertThat(take(new ElectionInput.Gone(WORSE.name()))).isEmpty();
    assertThat(take(new ElectionInput.Gone("c"))).containsExactly(new ElectionEffect.Claim(7));
  }

  @Test
  void aFollowerCampaignsWhenAnnouncementsStopThoughItsCoordinatorIsInSight() {
    in(FOLLOWING);
    now = START + 400;
    hear(coordinator("c", 7, false, ""));
    now = START + 400 + TIMES.hush();
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    now++;
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(send("c", electionOf(SELF)));
  }

  @Test
  void whoReachesTheDatabaseAgainGivesTheOthersTimeToNoticeThatToo() {
    in(ACTING);
    take(new ElectionInput.Tick(false));
    now = START + 100;
    take(new ElectionInput.Tick(true));
    assertThat(state.phase()).isEqualTo(ACTING);
    now = START + 100 + TIMES.notice() - 1;
    take(new ElectionInput.Tick(true));
    assertThat(state.phase()).isInstanceOf(Phase.Acting.class);
    now++;
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(send("c", electionOf(SELF)));
  }

  // ---- elections ----

  @Test
  void withoutAnOkOfABetterOneItClaims() {
    in(ASKING);
    now = START + 299;
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    now++;
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(7));
  }

  @Test
  void anOkIsWaitedForNoLongerThanAnAnnouncementTakes() {
    in(ASKING);
    assertThat(hear(new Ok("c", 3))).isEmpty();
    now = START + TIMES.announcement() - 1;
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    now++;
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(send("c", electionOf(SELF)));
  }

  @Test
  void aWorseOneHearsThatABetterOneLivesAndWhetherItLeads() {
    in(LEADING);
    assertThat(hear(electionOf(WORSE)))
        .containsExactly(send("a", new Ok("b", 2)), send("a", coordinator("b", 7, false, "c")));
    for (Phase phase : List.of(ASKING, DEFERRING, REFUSED, CLAIMING)) {
      in(phase);
      assertThat(hear(electionOf(WORSE))).containsExactly(send("a", new Ok("b", 2)));
    }
  }

  @Test
  void aHigherRankWithoutTheDatabaseIsAWorseOne() {
    in(ASKING);
    assertThat(hear(new ElectionMessage.Election("c", 3, false)))
        .containsExactly(send("c", new Ok("b", 2)));
  }

  @Test
  void aBetterOneIsNotAnswered() {
    for (Phase phase : List.of(IDLE, ASKING, DEFERRING, REFUSED, CLAIMING, LEADING, FOLLOWING)) {
      in(phase);
      assertThat(hear(electionOf(BETTER))).as("in %s", phase).isEmpty();
      assertThat(state.phase()).isEqualTo(phase);
    }
  }

  @Test
  void aFollowerTellsAWorseOneOfItsCoordinator() {
    in(FOLLOWING);
    assertThat(hear(electionOf(WORSE)))
        .containsExactly(send("a", new Ok("b", 2)), send("a", coordinator("c", 7, false, "")));
  }

  @Test
  void aFollowerThatDoesNotSeeItsCoordinatorStartsAnElectionInsteadOfTellingOfIt() {
    in(FOLLOWING);
    peers = List.of(WORSE);
    assertThat(hear(electionOf(WORSE)))
        .containsExactly(send("a", new Ok("b", 2)), new ElectionEffect.Claim(7));
  }

  @Test
  void aBatonThatIsLetGoIsWorthAnElectionButNotInQuickSuccession() {
    Released released = released("c", 7, STOPS);
    for (int election = 1; election <= 2; election++) {
      in(FOLLOWING);
      assertThat(hear(released)).as("election %d", election).isNotEmpty();
    }
    in(FOLLOWING);
    now = START + 10;
    assertThat(hear(released)).isEmpty();
    now = START + TIMES.answer();
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(send("c", electionOf(SELF)));
  }
}
