package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignWorker.ALL_KINDS;
import static dev.batuta.gateway.foreign.ForeignWorker.ONLY_QUERY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.gateway.foreign.Said.Manner;
import dev.batuta.gateway.foreign.WorkerEffect.Beat;
import dev.batuta.gateway.foreign.WorkerEffect.Execute;
import dev.batuta.gateway.foreign.WorkerEffect.Forget;
import dev.batuta.gateway.foreign.WorkerEffect.Leave;
import dev.batuta.gateway.foreign.WorkerEffect.Register;
import dev.batuta.gateway.foreign.WorkerEffect.Report;
import dev.batuta.gateway.foreign.WorkerEffect.Say;
import dev.batuta.gateway.foreign.WorkerEffect.Shown;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForeignWorkerTest extends ForeignWorkerSteps {
  @Test
  void itIsGivenATaskWhenItAsksAndTheLedgerExecutesItWhenItAnswers() {
    register(1);
    long registration = now;
    assertThat(worker.accepts(registration, 3, QUERY)).isTrue();
    assertThat(give(new WorkerInput.Assigned(QUERY)))
        .containsExactly(new Say(1, new Word.Task(QUERY)));
    assertThat(give(new WorkerInput.Reported(1, OK))).containsExactly(new Execute(3, QUERY));
    assertThat(give(executed(QUERY, "99.99")))
        .containsExactly(
            new Report(registration, recorded(QUERY, "99.99")), new Say(1, new Word.Ack()));
    assertThat(worker.accepts(registration, 3, SET)).as("it will ask again").isTrue();
    assertThat(give(new WorkerInput.Assigned(SET))).as("it has not spoken").isEmpty();
    assertThat(ask(1)).containsExactly(new Say(1, new Word.Task(SET)));
  }

  @Test
  void withoutATaskItIsToldSoSoonAndRests() {
    register(1);
    assertThat(tickAfter(100)).isEmpty();
    assertThat(tickAfter(150))
        .containsExactly(new Say(1, new Word.NoTask()), new Beat(1_000, 0, false, true));
    assertThat(worker.accepts(1_000, 3, QUERY)).as("it rests").isFalse();
    assertThat(ask(2)).containsExactly(new Beat(1_000, 0, false, false));
    assertThat(worker.accepts(1_000, 3, QUERY)).isTrue();
  }

  @Test
  void oneThatReportedAndDoesNotAskGivesBackWhatItWasNotTold() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    give(executed(QUERY, "1"));
    give(new WorkerInput.Assigned(SET));
    assertThat(tickAfter(300)).contains(new Beat(1_000, 0, false, true));
    assertThat(ask(1)).contains(new Beat(1_000, 0, false, false));
  }

  @Test
  void aMasterThatDoesNotAnswerIsNoReasonToLetItWait() {
    ask(1);
    assertThat(tickAfter(1_999)).isEmpty();
    assertThat(tickAfter(1)).contains(new Say(1, new Word.NoTask()));
  }

  @Test
  void oneThatAsksAgainHasLostItsTaskAndAfterAnUpdateGetsNoFurtherOne() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    now++;
    assertThat(ask(1))
        .containsExactly(
            lost(1_000, QUERY, Loss.ASKED_AGAIN), new Leave(1_000), new Register(1_001, ALL_KINDS));
    give(new WorkerInput.Welcomed(1_001, 3));
    give(new WorkerInput.Assigned(SET));
    now++;
    assertThat(ask(1))
        .containsExactly(
            new Shown(Updates.UNKNOWN),
            lost(1_001, SET, Loss.ASKED_AGAIN),
            new Leave(1_001),
            new Register(1_002, ONLY_QUERY));
  }

  @Test
  void oneThatAsksAgainOnAnotherConnectionIsGivenOneMoreUpdate() {
    register(1);
    give(new WorkerInput.Assigned(SET));
    now++;
    assertThat(ask(2))
        .containsExactly(
            new Shown(Updates.MISSED),
            lost(1_000, SET, Loss.CAME_AGAIN),
            new Leave(1_000),
            new Register(1_001, ALL_KINDS));
    give(new WorkerInput.Welcomed(1_001, 3));
    give(new WorkerInput.Assigned(SET));
    give(new WorkerInput.Closed(2, false));
    now++;
    assertThat(ask(3)).contains(new Shown(Updates.UNKNOWN), new Register(1_002, ONLY_QUERY));
  }

  @Test
  void oneThatHasReportedAnUpdateIsGivenThemForGood() {
    register(1);
    give(new WorkerInput.Assigned(SET));
    assertThat(give(new WorkerInput.Reported(1, OK)))
        .containsExactly(new Shown(Updates.REPORTED), new Execute(3, SET));
    give(executed(SET, "7.50"));
    for (int i = 0; i < 3; i++) {
      ask(1);
      give(new WorkerInput.Assigned(new Assignment(7 + i, 1, 0, SET.payload())));
      now++;
      assertThat(ask(1))
          .contains(new Register(now, ALL_KINDS))
          .doesNotHaveAnyElementsOfTypes(Shown.class);
      give(new WorkerInput.Welcomed(now, 3));
    }
  }

  @Test
  void whatItLostComesBackUnderANewNumberOnlyAndAnAnswerToItIsTooLate() {
    register(1);
    give(new WorkerInput.Assigned(SET));
    now++;
    ask(1);
    assertThat(worker.accepts(1_000, 3, SET)).as("it has left").isFalse();
    assertThat(give(new WorkerInput.Reported(1, OK)))
        .containsExactly(
            new Say(1, new Word.NoTask()),
            new Say(1, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING)));
    ask(1);
    give(new WorkerInput.Welcomed(1_001, 3));
    assertThat(worker.accepts(1_000, 3, SET)).isFalse();
    assertThat(worker.accepts(1_001, 3, SET)).isTrue();
  }

  @Test
  void aClosedConnectionLosesTheTaskOnlyOfOneWithoutAnId() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    assertThat(give(new WorkerInput.Closed(1, false))).isEmpty();
    assertThat(give(new WorkerInput.Reported(2, OK))).containsExactly(new Execute(3, QUERY));

    worker = new ForeignWorker(WorkerTimes.DEFAULT, false, Updates.UNTRIED);
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    assertThat(give(new WorkerInput.Closed(1, false)))
        .containsExactly(lost(1_000, QUERY, Loss.CLOSED), new Leave(1_000), new Forget());
  }

  @Test
  void aSilentOneLosesItsTaskWithItsLeaseAndIsForgotten() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    for (int i = 0; i < 29; i++) {
      assertThat(tickAfter(1_000)).containsExactly(new Beat(1_000, 1, false, false));
    }
    assertThat(tickAfter(1_000))
        .containsExactly(lost(1_000, QUERY, Loss.SILENT), new Leave(1_000), new Forget());
  }

  @Test
  void aLongerLeaseLeavesItMoreTime() {
    worker = new ForeignWorker(WorkerTimes.withLease(Duration.ofMinutes(1)), true, Updates.UNTRIED);
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    assertThat(tickAfter(59_999)).containsExactly(new Beat(1_000, 1, false, false));
    assertThat(give(new WorkerInput.Reported(1, OK))).containsExactly(new Execute(3, QUERY));
  }

  @Test
  void aResultThatComesTwiceIsAcknowledgedAndExecutedOnce() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    assertThat(give(new WorkerInput.Reported(2, OK))).isEmpty();
    assertThat(give(executed(QUERY, "1")))
        .endsWith(new Say(1, new Word.Ack()), new Say(2, new Word.Ack()));
    assertThat(give(new WorkerInput.Reported(2, OK))).containsExactly(new Say(2, new Word.Ack()));
  }

  @Test
  void aResultOfAnotherTaskRecordsNothing() {
    register(1);
    assertThat(give(new WorkerInput.Reported(1, OK)))
        .containsExactly(
            new Say(1, new Word.NoTask()),
            new Say(1, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING)));
    give(new WorkerInput.Asked(1, Manner.USUAL));
    give(new WorkerInput.Assigned(QUERY));
    for (Said.Result lie :
        List.of(
            result("6", "1"),
            new Said.Result(null, null, true, "UPDATE", null, null, null, null),
            new Said.Result(null, null, true, null, null, "another", null, null))) {
      assertThat(give(new WorkerInput.Reported(1, lie)))
          .containsExactly(new Say(1, new Word.Nack(Word.Reason.ANOTHER_TASK)));
    }
    assertThat(give(new WorkerInput.Reported(1, result("5", null))))
        .containsExactly(new Execute(3, QUERY));
  }

  @Test
  void theLedgersBalanceStandsAndADifferenceIsTold() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    assertThat(give(executed(QUERY, "100.00")))
        .contains(
            new WorkerEffect.Differs(QUERY, OK, recorded(QUERY, "100.00")),
            new Report(1_000, recorded(QUERY, "100.00")),
            new Say(1, new Word.Ack()));
  }

  @Test
  void aDepositIsTheLedgersAlone() {
    register(1);
    Assignment deposit = new Assignment(7, 1, 0, new Update("u", Operation.DEPOSIT, "1"));
    assertThat(give(new WorkerInput.Assigned(deposit))).containsExactly(new Execute(3, deposit));
    assertThat(give(executed(deposit, "1")))
        .containsExactly(new Report(1_000, recorded(deposit, "1")));
    assertThat(give(new WorkerInput.Assigned(QUERY)))
        .containsExactly(new Say(1, new Word.Task(QUERY)));
  }

  @Test
  void oneThatIsSentAwayFinishesItsTaskFirst() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    Word.Order order = new Word.Order.Redirect("B", List.of());
    assertThat(give(new WorkerInput.Ordered(order)))
        .containsExactly(new Beat(1_000, 1, true, false));
    give(new WorkerInput.Reported(1, OK));
    assertThat(give(executed(QUERY, "99.99"))).contains(new Say(1, new Word.Ack()));
    assertThat(ask(2))
        .containsExactly(new Say(2, new Word.Go(order)), new Leave(1_000), new Forget());
  }

  @Test
  void oneThatHasAHigherNumberFromAnotherDoorLeavesThisOne() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Closed(1, false));
    assertThat(give(new WorkerInput.Superseded(1_000))).as("its own").isEmpty();
    assertThat(give(new WorkerInput.Superseded(1_001)))
        .containsExactly(lost(1_000, QUERY, Loss.CAME_AGAIN), new Leave(1_000), new Forget());
  }

  @Test
  void oneThatAsksHereOrIsBeingAnsweredIsStillHere() {
    register(1);
    assertThat(give(new WorkerInput.Superseded(1_001))).isEmpty();
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    assertThat(give(new WorkerInput.Superseded(1_001))).isEmpty();
    assertThat(give(executed(QUERY, "99.99"))).contains(new Say(1, new Word.Ack()));
  }

  @Test
  void aNumberThatItAwaitsIsItsOwn() {
    register(1);
    now += 10;
    assertThat(give(new WorkerInput.Unheard(1_000, true)))
        .containsExactly(new Register(1_010, ALL_KINDS));
    give(new WorkerInput.Closed(1, false));
    assertThat(give(new WorkerInput.Superseded(1_010))).isEmpty();
  }

  @Test
  void oneThatItsMasterForgotRegistersAgainUnderAHigherNumber() {
    register(1);
    now += 10;
    assertThat(give(new WorkerInput.Unheard(1_000, true))).contains(new Register(1_010, ALL_KINDS));
    assertThat(give(new WorkerInput.Rejected(1_010, true))).isEmpty();
    assertThat(tickAfter(1_000)).contains(new Register(61_011, ALL_KINDS));
  }

  @Test
  void theOldestDialectGetsOnlyQueries() {
    assertThat(give(new WorkerInput.Asked(1, Manner.BY_FLAG)))
        .containsExactly(new Register(now, ONLY_QUERY));
  }
}
