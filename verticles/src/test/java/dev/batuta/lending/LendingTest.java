package dev.batuta.lending;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.lending.LendingEffect.Send;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Asking for workers, and lending them. */
class LendingTest extends LendingSteps {
  // ---- borrowing

  @Test
  void aboveTheThresholdThoseWithTheMostToSpareAreAskedForAsManyAsAreMissing() {
    workers.add(worker("w1", "s1", 0));
    peers.add(peer("s2", 0, 3, 0));
    peers.add(peer("s3", 0, 6, 0));
    queued = 750;
    assertThat(tickAfter(0))
        .containsExactly(
            new Send("s3", new WorkerRequest("s1", 501, 5)),
            new Send("s2", new WorkerRequest("s1", 502, 2)));
    assertThat(tickAfter(100)).isEmpty();
  }

  @Test
  void atTheThresholdNobodyIsAsked() {
    workers.add(worker("w1", "s1", 0));
    peers.add(peer("s2", 0, 3, 0));
    queued = 100;
    assertThat(tickAfter(0)).isEmpty();
  }

  @Test
  void aServerWithoutWorkersAsksForASingleTask() {
    peers.add(peer("s2", 0, 3, 0));
    queued = 1;
    assertThat(tickAfter(0)).containsExactly(new Send("s2", new WorkerRequest("s1", 501, 1)));
  }

  @Test
  void aServerWithoutWorkersAsksForOneAlsoForTasksThatNotEveryWorkerTakesAndKeepsIt() {
    peers.add(peer("s2", 0, 3, 0));
    special = 500;
    assertThat(tickAfter(0)).containsExactly(new Send("s2", new WorkerRequest("s1", 501, 1)));
    hear(new WorkersLent("s2", 501, List.of("w1")));
    workers.add(worker("w1", "s2", 0));
    for (int i = 0; i < 10; i++) {
      assertThat(tickAfter(2_000)).isEmpty();
    }
    special = 0;
    tickAfter(2_000);
    assertThat(tickAfter(2_000))
        .containsExactly(new Send("s2", new CommandRelease("s1", List.of("w1"))));
  }

  @Test
  void aWorkerWithoutHomeIsLentByWhomItServesAndStaysWhereItGoes() {
    workers.addAll(List.of(worker("w1", "", 0), worker("w2", "s1", 1)));
    peers.add(peer("s2", 0, 1, 0));
    assertThat(hear(new WorkerRequest("s2", 1, 1)))
        .containsExactly(
            new Send("s2", new WorkersLent("s1", 1, List.of("w1"))), redirect("w1", "s2"));
    workers.removeFirst();
    workers.add(worker("w3", "", 0));
    for (int i = 0; i < 10; i++) {
      assertThat(tickAfter(2_000)).isEmpty();
    }
  }

  @Test
  void whoServesOutOfNeedOrHasNoHomeIsNotCountedAsBorrowed() {
    workers.addAll(
        List.of(
            worker("w1", "s1", 0),
            worker("w2", "", 0),
            worker("w3", "s3", 0),
            worker("w4", "s2", 0)));
    FarmView farm = new FarmView(0, 0, 0, workers);
    assertThat(farm.borrowed("s1", List.of("s1", "s2"))).isEqualTo(1);
  }

  @Test
  void whoHasNothingToSpareOrDoesNotTellIsAskedAccordingly() {
    peers.add(peer("s2", 0, 1, 0));
    peers.add(peer("s3", 250, 3, 0));
    peers.add(peer("s4", 0, 5, 1));
    queued = 400;
    assertThat(tickAfter(0)).isEmpty();
    peers.add(new Peer("foreign", null));
    assertThat(tickAfter(2_000))
        .containsExactly(new Send("foreign", new WorkerRequest("s1", 501, 4)));
  }

  @Test
  void aRequestIsRepeatedUnderItsNumberWithPausesThatDoubleAndGivenUp() {
    peers.add(peer("s2", 0, 3, 0));
    queued = 1;
    tickAfter(0);
    List<Long> at = new ArrayList<>();
    long start = now;
    for (int i = 0; i < 200; i++) {
      for (LendingEffect effect : tickAfter(250)) {
        assertThat(effect).isEqualTo(new Send("s2", new WorkerRequest("s1", 501, 1)));
        at.add(now - start);
      }
      if (!state.refused().isEmpty()) {
        break;
      }
    }
    assertThat(at).containsExactly(500L, 1_500L, 3_500L, 7_500L, 15_500L);
    assertThat(state.requests()).isEmpty();
  }

  @Test
  void whatIsPromisedCountsAsThere() {
    workers.add(worker("w1", "s1", 0));
    peers.add(peer("s2", 0, 3, 0));
    queued = 300;
    tickAfter(0);
    hear(new WorkersLent("s2", 501, List.of("w2", "w3")));
    assertThat(tickAfter(2_000)).isEmpty();
    assertThat(tickAfter(THRESHOLDS.arrivalMillis())).as("they did not come").isNotEmpty();
  }

  @Test
  void anAnswerToAnotherRequestIsIgnored() {
    peers.add(peer("s2", 0, 3, 0));
    queued = 300;
    tickAfter(0);
    hear(new WorkersLent("s2", 499, List.of("w2")));
    hear(new NoWorkers("s2", 499, "none"));
    assertThat(state.requests()).containsOnlyKeys("s2");
    assertThat(state.coming()).isEmpty();
  }

  // ---- lending

  @Test
  void itsOwnWorkersAreLentTheLeastLoadedFirstAndOneIsKept() {
    workers.addAll(List.of(worker("w1", "s1", 9), worker("w2", "s1", 0), worker("w3", "s1", 4)));
    peers.addAll(List.of(peer("s2", 900, 1, 0), peer("s3", 0, 1, 0)));
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .containsExactly(
            new Send("s2", new WorkersLent("s1", 9, List.of("w2", "w3"))),
            redirect("w2", "s2", "s3"),
            redirect("w3", "s2", "s3"));
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .as("the same request again")
        .containsExactly(new Send("s2", new WorkersLent("s1", 9, List.of("w2", "w3"))));
    assertThat(hear(new WorkerRequest("s2", 10, 5)))
        .containsExactly(
            new Send("s2", new NoWorkers("s1", 10, "it has 1 workers of its own and keeps 1")));
  }

  private static Worker over(Via via, String name) {
    return new Worker(name, "s1", 7, 0, false, LONG_AGO, via);
  }

  @Test
  void aMasterIsLentOnlyWorkersThatSpeakWhatItSpeaks() {
    workers.addAll(List.of(over(Via.BUS, "w1"), over(Via.TCP, "w2"), over(Via.WS, "w3")));
    spoken = Map.of("F", Set.of(Via.WS), "G", Set.of(Via.TCP), "s2", Set.of(Via.BUS, Via.WS));
    assertThat(hear(new WorkerRequest("F", 9, 5)))
        .containsExactly(
            new Send("F", new WorkersLent("s1", 9, List.of("w3"))), redirect("w3", "F"));
    workers.remove(1);
    assertThat(hear(new WorkerRequest("G", 9, 5)))
        .containsExactly(
            new Send("G", new NoWorkers("s1", 9, "it has 1 workers of its own and keeps 1")));
    workers.addAll(List.of(over(Via.TCP, "w4"), over(Via.WS, "w5")));
    workers.removeFirst();
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .containsExactly(
            new Send("s2", new WorkersLent("s1", 9, List.of("w5"))), redirect("w5", "s2"));
    workers.add(over(Via.TCP, "w6"));
    assertThat(hear(new WorkerRequest("s2", 10, 5)))
        .containsExactly(
            new Send("s2", new NoWorkers("s1", 10, "none of its workers speaks what s2 does")));
  }

  @Test
  void aLenderStaysBelowItsOwnThreshold() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 0), worker("w3", "s1", 0)));
    queued = 190;
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .contains(new Send("s2", new WorkersLent("s1", 9, List.of("w1"))));
    queued = 201;
    assertThat(hear(new WorkerRequest("s3", 9, 5)))
        .containsExactly(
            new Send("s3", new NoWorkers("s1", 9, "201 tasks wait for its 2 workers")));
  }

  @Test
  void whatIsBorrowedIsNeverLentOnNorWhileItIsHereWhatIsItsOwn() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 0), worker("w3", "s3", 0)));
    peers.addAll(List.of(peer("s2", 900, 1, 0), peer("s3", 0, 1, 0)));
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .containsExactly(new Send("s2", new NoWorkers("s1", 9, "it borrows workers itself")));
  }

  @Test
  void theOwnerOfWhatIsBorrowedGetsItBackWhenItAsks() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s2", 0)));
    peers.add(peer("s2", 900, 1, 0));
    queued = 30;
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .containsExactly(
            new Send("s2", new CommandRelease("s1", List.of("w2"))),
            new Send("s2", new NoWorkers("s1", 9, "1 of its own are on their way back")));
  }

  private static Worker fresh(String name, String home) {
    return new Worker(name, home, 8, 0, false, 0, Via.BUS);
  }

  @Test
  void aWorkerThatCameByItselfIsLentAtOnce() {
    workers.addAll(List.of(fresh("w1", "s1"), fresh("w2", "s1")));
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .contains(new Send("s2", new WorkersLent("s1", 9, List.of("w1"))));
  }

  @Test
  void aWorkerThatHasJustBeenSentHomeIsNotLentForAWhile() {
    workers.add(worker("w1", "s1", 9));
    hear(new CommandRelease("s2", List.of("w2")));
    workers.add(fresh("w2", "s1"));
    workers.set(0, new Worker("w1", "s1", 7, 9, false, LONG_AGO, Via.TCP));
    spoken = Map.of("s3", Set.of(Via.BUS));
    assertThat(hear(new WorkerRequest("s3", 8, 5)))
        .as("before its arrival is noted")
        .doesNotContain(new Send("s3", new WorkersLent("s1", 8, List.of("w2"))));
    tickAfter(250);
    assertThat(hear(new WorkerRequest("s3", 9, 5)))
        .doesNotContain(new Send("s3", new WorkersLent("s1", 9, List.of("w2"))));
    tickAfter(THRESHOLDS.restMillis() - 1);
    assertThat(hear(new WorkerRequest("s3", 10, 5)))
        .doesNotContain(new Send("s3", new WorkersLent("s1", 10, List.of("w2"))));
    tickAfter(1);
    assertThat(hear(new WorkerRequest("s3", 11, 5)))
        .contains(new Send("s3", new WorkersLent("s1", 11, List.of("w2"))));
  }

  @Test
  void aRedirectIsRepeatedUntilTheWorkerPreparesItselfAndIsOverWhenItIsGone() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 0)));
    hear(new WorkerRequest("s2", 9, 1));
    assertThat(tickAfter(500)).containsExactly(redirect("w1", "s2"));
    workers.set(0, new Worker("w1", "s1", 7, 3, true, LONG_AGO, Via.BUS));
    assertThat(tickAfter(60_000)).isEmpty();
    workers.removeFirst();
    tickAfter(250);
    assertThat(state.loans()).isEmpty();
    assertThat(state.away()).containsKey("w1");
  }

  @Test
  void aWorkerThatStaysIsLeftInPeace() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 9)));
    hear(new WorkerRequest("s2", 9, 1));
    workers.set(0, new Worker("w1", "s1", 7, 3, true, LONG_AGO, Via.BUS));
    tickAfter(250);
    workers.set(0, worker("w1", "s1", 3));
    tickAfter(250);
    assertThat(state.loans()).isEmpty();
    assertThat(hear(new WorkerRequest("s2", 10, 1)))
        .contains(new Send("s2", new WorkersLent("s1", 10, List.of("w2"))));
  }
}
