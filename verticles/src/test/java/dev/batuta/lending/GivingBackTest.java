package dev.batuta.lending;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.lending.LendingEffect.Order;
import dev.batuta.lending.LendingEffect.Send;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Giving borrowed workers back, and having lent ones back. */
class GivingBackTest extends LendingSteps {
  @Test
  void belowTheThresholdForAWhileWorkersAreGivenBackStepByStep() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0)));
    peers.add(peer("s2", 0, 1, 0));
    queued = 19;
    assertThat(tickAfter(0)).isEmpty();
    assertThat(tickAfter(2_000)).isEmpty();
    assertThat(tickAfter(2_000))
        .containsExactly(new Send("s2", new CommandRelease("s1", List.of("w2"))));
    Order home = new Order("w2", new Return("s1", 7));
    assertThat(hear(new ReleaseAck("s2", List.of("w2")))).containsExactly(home);
    assertThat(tickAfter(500)).containsExactly(home);
    workers.removeLast();
    assertThat(tickAfter(1_000)).isEmpty();
    assertThat(state.releases()).isEmpty();
  }

  @Test
  void aReleaseIsRepeatedUntilItIsAcknowledgedAndNotAfterThat() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0), worker("w3", "s2", 0)));
    peers.add(peer("s2", 0, 1, 0));
    tickAfter(0);
    tickAfter(2_000);
    Send both = new Send("s2", new CommandRelease("s1", List.of("w2", "w3")));
    assertThat(tickAfter(2_000)).containsExactly(both);
    assertThat(tickAfter(500)).containsExactly(both);
    hear(new ReleaseAck("s2", List.of("w2", "w3")));
    workers.removeLast();
    List<LendingEffect> after = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      after.addAll(tickAfter(250));
      if (i == 5) {
        workers.removeLast();
      }
    }
    assertThat(after).isNotEmpty().allMatch(effect -> effect instanceof Order);
  }

  @Test
  void aSwingOfTheQueueGivesNothingBack() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0)));
    peers.add(peer("s2", 0, 1, 0));
    for (int i = 0; i < 50; i++) {
      queued = i % 3 == 0 ? 20 : 0;
      assertThat(tickAfter(2_000)).isEmpty();
    }
  }

  @Test
  void aWorkerIsKeptWhileItsOwnerIsDead() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0)));
    for (int i = 0; i < 10; i++) {
      assertThat(tickAfter(2_000)).isEmpty();
    }
  }

  @Test
  void anOwnerThatForgotItsLoanTakesItsWorkerBackAndSaysWhenItIsThere() {
    assertThat(hear(new CommandRelease("s2", List.of("w1"))))
        .containsExactly(new Send("s2", new ReleaseAck("s1", List.of("w1"))));
    assertThat(tickAfter(250)).isEmpty();
    workers.add(worker("w1", "s1", 0));
    assertThat(tickAfter(250))
        .containsExactly(new Send("s2", new ReleaseCompleted("s1", List.of("w1"))));
  }

  @Test
  void aReleaseThatIsRepeatedAfterTheArrivalIsAnsweredAgainAndToldOnce() {
    CommandRelease release = new CommandRelease("s2", List.of("w1"));
    hear(release);
    workers.add(worker("w1", "s1", 0));
    tickAfter(250);
    assertThat(hear(release))
        .containsExactly(
            new Send("s2", new ReleaseAck("s1", List.of("w1"))),
            new Send("s2", new ReleaseCompleted("s1", List.of("w1"))));
    assertThat(tickAfter(250)).isEmpty();
    assertThat(told).containsExactly(What.RETURNED);
  }

  @Test
  void anArrivalIsNotBelievedOfAWorkerThatIsStillHere() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0)));
    peers.add(peer("s2", 0, 1, 0));
    tickAfter(0);
    tickAfter(2_000);
    tickAfter(2_000);
    hear(new ReleaseCompleted("s2", List.of("w2")));
    assertThat(state.releases()).containsOnlyKeys("w2");
  }
}
