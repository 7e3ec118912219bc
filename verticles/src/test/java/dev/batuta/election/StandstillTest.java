package dev.batuta.election;

import static dev.batuta.election.Reason.Code.RENEWAL_OVERDUE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a server gives up, and what not yet, whose process stood still. */
class StandstillTest extends ElectionSteps {
  @Test
  void whoStoodStillAsksTheDatabaseBeforeItGivesTheBatonUpAndDoesNotActMeanwhile() {
    leadUntilItIsNoLongerNew();
    now += TIMES.lease() + 1;
    assertThat(take(new ElectionInput.Tick(true))).contains(new ElectionEffect.Renew(7));
    assertThat(state.mayAct(now)).isEmpty();
    take(new ElectionInput.Renewed(7, now));
    assertThat(state.mayAct(now)).hasValue(7);
  }

  @Test
  void whoStoodStillAndGetsNoAnswerThenGivesTheBatonUp() {
    leadUntilItIsNoLongerNew();
    now += TIMES.lease() + 1;
    take(new ElectionInput.Tick(true));
    long woke = now;
    for (; now < woke + TIMES.doubt(); now += 100) {
      take(new ElectionInput.Tick(true));
      assertThat(state.phase()).isInstanceOf(Phase.Leading.class);
    }
    assertThat(take(new ElectionInput.Tick(true)))
        .containsExactly(new ElectionEffect.Publish(released("b", 7, RENEWAL_OVERDUE, 7)));
  }

  @Test
  void whoStandsStillAgainAndAgainIsExcusedOnce() {
    leadUntilItIsNoLongerNew();
    now += TIMES.lease() + 1;
    take(new ElectionInput.Tick(true));
    long woke = now;
    for (; now < woke + TIMES.doubt(); now += TIMES.still() + 1) {
      take(new ElectionInput.Tick(true));
      assertThat(state.phase()).isInstanceOf(Phase.Leading.class);
    }
    assertThat(take(new ElectionInput.Tick(true)))
        .containsExactly(new ElectionEffect.Publish(released("b", 7, RENEWAL_OVERDUE, 7)));
  }

  @Test
  void whoLooksAtTheTimeAndGetsNoAnswerGivesTheBatonUpAtOnce() {
    leadUntilItIsNoLongerNew();
    long renewed = now - 100;
    for (; now <= renewed + TIMES.lease(); now += 100) {
      take(new ElectionInput.Tick(true));
      assertThat(state.phase()).isInstanceOf(Phase.Leading.class);
    }
    assertThat(take(new ElectionInput.Tick(true)))
        .containsExactly(new ElectionEffect.Publish(released("b", 7, RENEWAL_OVERDUE, 7)));
  }

  /** Some of its threads stand still while it loads its classes. */
  @Test
  void aNewProcessDoesNotGiveTheBatonUpForALateRenewalAndDoesNotActMeanwhile() {
    in(LEADING);
    for (; now < START + TIMES.young(); now += 100) {
      take(new ElectionInput.Tick(true));
      assertThat(state.phase()).isInstanceOf(Phase.Leading.class);
    }
    assertThat(state.mayAct(now)).isEmpty();
  }

  private void leadUntilItIsNoLongerNew() {
    in(LEADING);
    for (; now < START + TIMES.young(); now += 100) {
      take(new ElectionInput.Tick(true));
      take(new ElectionInput.Renewed(7, now));
    }
  }

  @Test
  void theAnswerOfAClaimIsWaitedForALittleLongerByOneThatStoodStill() {
    in(CLAIMING);
    now = START + TIMES.claim() + 1;
    take(new ElectionInput.Tick(true));
    take(new ElectionInput.Claimed(8, START));
    assertThat(state.phase()).isInstanceOf(Phase.Leading.class);
  }

  /** Its first renewal is sent when the claim is answered. */
  @Test
  void aClaimThatTookAsLongAsALeaseLeavesTimeForTheFirstRenewal() {
    leadUntilItIsNoLongerNew();
    long sent = now;
    in(new Phase.Claiming(sent + TIMES.claim(), TIMES.retry()));
    for (; now < sent + TIMES.lease() - 100; now += 100) {
      take(new ElectionInput.Tick(true));
    }
    take(new ElectionInput.Claimed(8, sent));
    now += 200;
    assertThat(take(new ElectionInput.Tick(true))).contains(new ElectionEffect.Renew(8));
    assertThat(state.mayAct(now)).isEmpty();
    take(new ElectionInput.Renewed(8, now));
    assertThat(state.mayAct(now)).hasValue(8);
  }

  @Test
  void whoStoodStillWaitsForTheHeartbeatsOfItsCoordinatorBeforeItTakesItForSilent() {
    in(FOLLOWING);
    peers = List.of(WORSE);
    now = START + TIMES.still() + 1;
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    now += TIMES.still();
    assertThat(take(new ElectionInput.Tick(true))).isEmpty();
    now += TIMES.still();
    assertThat(take(new ElectionInput.Tick(true))).containsExactly(new ElectionEffect.Claim(7));
  }

  @Test
  void whoHasNoConnectionWaitsForItLongerThanForOthersBeforeItLeadsWithoutPowers() {
    coldStart(Policy.HIGHEST_RANK, Map.of("a", 1, "b", 2));
    peers = List.of();
    for (; now < START + TIMES.young(); now += 100) {
      assertThat(take(new ElectionInput.Tick(false))).isEmpty();
    }
    take(new ElectionInput.Tick(false));
    assertThat(state.phase()).isInstanceOf(Phase.Acting.class);
  }
}
