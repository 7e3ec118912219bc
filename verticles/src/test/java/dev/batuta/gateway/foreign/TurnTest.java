package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.foreign.WorkerEffect.Beat;
import dev.batuta.gateway.foreign.WorkerEffect.Report;
import dev.batuta.gateway.foreign.WorkerEffect.Say;
import org.junit.jupiter.api.Test;

/** What a worker says is answered once each, in turn, on the connection on which it said it. */
class TurnTest extends ForeignWorkerSteps {
  @Test
  void eachOfSeveralAsksIsAnsweredOnItsConnection() {
    register(1);
    assertThat(ask(1)).containsExactly(new Say(1, new Word.NoTask()));
    assertThat(ask(2)).containsExactly(new Say(1, new Word.NoTask()));
    assertThat(give(new WorkerInput.Reported(2, OK)))
        .containsExactly(
            new Say(2, new Word.NoTask()),
            new Say(2, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING)));
  }

  @Test
  void anAskBehindAReportIsAnsweredAfterIt() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    ask(1);
    assertThat(tickAfter(WorkerTimes.DEFAULT.grace())).isEmpty();
    assertThat(give(executed(QUERY, "99.99"))).endsWith(new Say(1, new Word.Ack()));
    assertThat(tickAfter(0)).contains(new Say(1, new Word.NoTask()));
  }

  @Test
  void aReportThatTheLedgerDoesNotAnswerHasNoAnswerAfterThatOfTheNextAsk() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    ask(1);
    assertThat(tickAfter(WorkerTimes.DEFAULT.patience()))
        .contains(new WorkerEffect.PassOver(1), new Say(1, new Word.NoTask()));
    assertThat(give(executed(QUERY, "99.99")))
        .containsExactly(new Report(1_000, recorded(QUERY, "99.99")));
  }

  @Test
  void reportsOfOneTaskThatWaitForTheLedgerAreBounded() {
    register(1);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(1, OK));
    for (int i = 1; i < 16; i++) {
      assertThat(give(new WorkerInput.Reported(1, OK))).isEmpty();
    }
    assertThat(give(new WorkerInput.Reported(1, OK)))
        .containsExactly(new Say(1, new Word.Nack(Word.Reason.NOTHING_OUTSTANDING)));
    assertThat(give(executed(QUERY, "99.99"))).hasSize(17).endsWith(new Say(1, new Word.Ack()));
  }

  @Test
  void whoSaysNothingMoreAndStillHearsIsAnswered() {
    register(1);
    assertThat(give(new WorkerInput.Closed(1, true)))
        .containsExactly(new Say(1, new Word.NoTask()), new Beat(1_000, 0, false, true));
    ask(2);
    give(new WorkerInput.Assigned(QUERY));
    give(new WorkerInput.Reported(2, OK));
    assertThat(give(new WorkerInput.Closed(2, true))).isEmpty();
    assertThat(give(executed(QUERY, "99.99"))).endsWith(new Say(2, new Word.Ack()));
  }
}
