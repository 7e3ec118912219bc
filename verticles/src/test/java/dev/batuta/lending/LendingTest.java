package dev.batuta.lending;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.LendingMessage;
import dev.batuta.codec.LendingMessage.CommandRelease;
import dev.batuta.codec.LendingMessage.NoWorkers;
import dev.batuta.codec.LendingMessage.ReleaseAck;
import dev.batuta.codec.LendingMessage.ReleaseCompleted;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.codec.LendingMessage.WorkerRequest;
import dev.batuta.codec.LendingMessage.WorkersLent;
import dev.batuta.codec.WorkerMessage.Redirect;
import dev.batuta.codec.WorkerMessage.Return;
import dev.batuta.lending.LendingEffect.Note;
import dev.batuta.lending.LendingEffect.Order;
import dev.batuta.lending.LendingEffect.Send;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.dispatch.FarmView.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LendingTest {
  private static final Thresholds THRESHOLDS = new Thresholds(100, 10, 1, Duration.ofSeconds(2));
  private static final long LONG_AGO = 1_000_000;

  private final List<Worker> workers = new ArrayList<>();
  private final List<What> told = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private Set<String> foreign = Set.of();
  private LendingState state = LendingState.initial("s1", THRESHOLDS, 500);
  private long now = 1_000;
  private int queued;
  private int running;
  private int special;

  private static Worker worker(String name, String home, int outstanding) {
    return new Worker(name, home, 7, outstanding, false, LONG_AGO, false);
  }

  private static Peer peer(String name, int queued, int workers, int borrowed) {
    return new Peer(name, new Peer.Load(queued, workers, borrowed));
  }

  /** What is sent and ordered; not what is told to who looks on. */
  private List<LendingEffect> step(LendingInput input) {
    FarmView farm = new FarmView(queued, special, running, List.copyOf(workers));
    View view = new View(farm, List.copyOf(peers), foreign);
    Lending.Step step = Lending.step(state, now, view, input);
    state = step.next();
    step.effects().stream()
        .filter(Note.class::isInstance)
        .map(Note.class::cast)
        .forEach(note -> told.add(note.news().what()));
    return step.effects().stream().filter(effect -> !(effect instanceof Note)).toList();
  }

  private List<LendingEffect> hear(LendingMessage message) {
    return step(new LendingInput.Heard(message));
  }

  private List<LendingEffect> tickAfter(long millis) {
    now += millis;
    return step(new LendingInput.Tick());
  }

  private static Order redirect(String worker, String to, String... failover) {
    return new Order(worker, new Redirect("s1", 7, to, "s1", List.of(failover)));
  }

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

  @Test
  void onlyForeignWorkersAreLentToAForeignMaster() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 0)));
    workers.add(new Worker("f1", "s1", 7, 0, false, LONG_AGO, true));
    foreign = Set.of("F");
    assertThat(hear(new WorkerRequest("F", 9, 5)))
        .containsExactly(
            new Send("F", new WorkersLent("s1", 9, List.of("f1"))), redirect("f1", "F"));
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

  @Test
  void aWorkerThatHasJustComeIsNotLent() {
    workers.addAll(
        List.of(worker("w1", "s1", 0), new Worker("w2", "s1", 7, 0, false, 9_999, false)));
    workers.set(0, new Worker("w1", "s1", 7, 0, false, 9_999, false));
    assertThat(hear(new WorkerRequest("s2", 9, 5)))
        .containsExactly(new Send("s2", new NoWorkers("s1", 9, "its workers have just come")));
  }

  @Test
  void aRedirectIsRepeatedUntilTheWorkerPreparesItselfAndIsOverWhenItIsGone() {
    workers.addAll(List.of(worker("w1", "s1", 0), worker("w2", "s1", 0)));
    hear(new WorkerRequest("s2", 9, 1));
    assertThat(tickAfter(500)).containsExactly(redirect("w1", "s2"));
    workers.set(0, new Worker("w1", "s1", 7, 3, true, LONG_AGO, false));
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
    workers.set(0, new Worker("w1", "s1", 7, 3, true, LONG_AGO, false));
    tickAfter(250);
    workers.set(0, worker("w1", "s1", 3));
    tickAfter(250);
    assertThat(state.loans()).isEmpty();
    assertThat(hear(new WorkerRequest("s2", 10, 1)))
        .contains(new Send("s2", new WorkersLent("s1", 10, List.of("w2"))));
  }

  // ---- giving back

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
