package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Complete;
import dev.batuta.orchestrator.dispatch.DispatchEffect.End;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finished;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Load;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Send;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Adopted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.Completed;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Loaded;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.task.Kinds;
import dev.batuta.task.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DispatchTest {
  private static final long TERM = 7;
  private final Dispatch dispatch =
      new Dispatch(DispatchSettings.of(1000, Duration.ofSeconds(1)), TERM, 0, 1);
  private long now = 1;

  private List<DispatchEffect> give(DispatchInput input) {
    return dispatch.step(now++, input);
  }

  private static <E extends DispatchEffect> List<E> all(List<DispatchEffect> of, Class<E> kind) {
    return of.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Accepts one task and gives it to a worker that ends it; says what is to be persisted. */
  private End ended() {
    return all(reported(null), Complete.class).getFirst().ends().getFirst();
  }

  /** The same, with a result. */
  private List<DispatchEffect> reported(@Nullable Result result) {
    give(new Joined("w", "s", 1, 10, Kinds.COMMON));
    long id = dispatch.reserve(1).orElseThrow();
    List<DispatchEffect> accepted = give(new Accepted(id, List.of(task(id))));
    give(new Marked(all(accepted, Mark.class).getFirst().throughId(), new Scope.All()));
    Outcome outcome = new Outcome(id, 1, false, result, null, 0, 0);
    return give(new Reported("w", 1, List.of(outcome)));
  }

  private static QueuedTask task(long id) {
    return new QueuedTask(id, new Query("u"), 0, 0, 0, 1, 3);
  }

  @Test
  void aRefusedEndIsNotCountedAndTheTaskRunsAgainAsTheDatabaseSays() {
    End end = ended();
    List<DispatchEffect> refused = give(new Completed(List.of(), List.of(end)));
    assertThat(all(refused, Finished.class)).isEmpty();
    var lost = all(refused, GiveUp.class).getFirst().lost().getFirst();
    assertThat(lost.id()).isEqualTo(end.id());
    give(new GaveUp(List.of(new Verdict(lost, State.FAILED, 3))));
    now += 1000;
    var sent = all(give(new Tick()), Send.class).getFirst().tasks().getFirst();
    assertThat(sent.attempt()).isEqualTo(3);
  }

  @Test
  void aRefusedEndOfATaskThatEndedOtherwiseCountsAsThatEnd() {
    End end = ended();
    List<DispatchEffect> refused = give(new Completed(List.of(), List.of(end)));
    var lost = all(refused, GiveUp.class).getFirst().lost().getFirst();
    List<DispatchEffect> told = give(new GaveUp(List.of(new Verdict(lost, State.CANCELLED, 1))));
    assertThat(all(told, Finished.class).getFirst().tasks().getFirst().state())
        .isEqualTo(State.CANCELLED);
    assertThat(dispatch.queue().size()).isZero();
  }

  @Test
  void aResultThatNoReaderWouldTakeFailsItsAttemptWhicheverWorkerReportsIt() {
    List<DispatchEffect> effects = reported(Result.ofJson("[".repeat(501) + "]".repeat(501)));
    assertThat(all(effects, Complete.class)).isEmpty();
    assertThat(all(effects, GiveUp.class).getFirst().lost().getFirst().error())
        .startsWith("the result has more than 500 levels");
  }

  @Test
  void whatIsAdoptedDuringAReadingIsReadAfterIt() {
    give(new Adopted(1));
    List<DispatchEffect> more = new ArrayList<>(give(new Adopted(1)));
    assertThat(all(more, Load.class)).isEmpty(); // one reading at a time
    QueuedTask first = task(TaskId.of(3, 1));
    List<DispatchEffect> again = give(new Loaded(List.of(first), true));
    assertThat(all(again, Load.class)).containsExactly(new Load(0, 10_000, new Scope.All()));
    QueuedTask second = task(TaskId.of(9, 1));
    assertThat(give(new Loaded(List.of(task(first.id), second), true))).isEmpty();
    assertThat(dispatch.queue().size()).isEqualTo(2);
    assertThat(dispatch.queue().pending()).isEqualTo(2);
  }

  @Test
  void whatComesWithAPageOfTasksThatAreNotDueRunsBeforeTheNextPage() {
    give(new Joined("w", "s", 1, 10, Kinds.COMMON));
    give(new Adopted(10)); // from now on the reader is at them
    long id = dispatch.reserve(1).orElseThrow();
    QueuedTask notDue = new QueuedTask(TaskId.of(3, 1), new Query("u"), 0, Long.MAX_VALUE, 0, 1, 3);
    List<DispatchEffect> effects =
        dispatch.step(
            now, List.of(new Loaded(List.of(notDue), false), new Accepted(id, List.of(task(id)))));
    assertThat(all(effects, Load.class))
        .containsExactly(new Load(notDue.id, 10_000, new Scope.All()));
    assertThat(sent(effects).tasks().getFirst().id()).isEqualTo(id);
  }

  @Test
  void whatRunsIsNotTouchedByAnAdoption() {
    End end = ended();
    give(new Adopted(5));
    List<DispatchEffect> done = give(new Completed(List.of(end), List.of()));
    assertThat(all(done, Finished.class)).hasSize(1);
  }

  private Send sent(List<DispatchEffect> effects) {
    List<DispatchEffect> all = new ArrayList<>(effects);
    for (Mark mark : all(effects, Mark.class)) {
      all.addAll(give(new Marked(mark.throughId(), mark.scope())));
    }
    return all(all, Send.class).getFirst();
  }

  @Test
  void whatAWorkerGoesWithoutHavingBegunIsGivenToOthersAsTheSameAttempt() {
    give(new Joined("w1", "s", 1, 10, Kinds.COMMON));
    long id = dispatch.reserve(1).orElseThrow();
    Send first = sent(give(new Accepted(id, List.of(task(id)))));
    give(new Joined("w2", "s", 1, 10, Kinds.COMMON));
    List<DispatchEffect> left = give(new Left("w1", 1, true));
    assertThat(all(left, GiveUp.class)).isEmpty();
    Send second = all(left, Send.class).getFirst();
    assertThat(second.worker()).isEqualTo("w2");
    assertThat(second.tasks()).isEqualTo(first.tasks());
  }

  @Test
  void whatAWorkerMayHaveBegunIsGivenUpWhenItGoes() {
    give(new Joined("w1", "s", 1, 10, Kinds.COMMON));
    long id = dispatch.reserve(1).orElseThrow();
    sent(give(new Accepted(id, List.of(task(id)))));
    assertThat(all(give(new Left("w1", 1, false)), GiveUp.class)).hasSize(1);
  }

  @Test
  void aWorkerThatIsLeavingIsSentNoMoreUntilItStays() {
    give(new Joined("w", "s", 1, 10, Kinds.COMMON));
    give(new Alive("w", 1, true));
    long id = dispatch.reserve(1).orElseThrow();
    assertThat(all(give(new Accepted(id, List.of(task(id)))), Mark.class)).isEmpty();
    FarmView view = dispatch.farm();
    assertThat(view.queued()).isEqualTo(1);
    assertThat(view.serving()).isZero();
    assertThat(sent(give(new Alive("w", 1, false))).worker()).isEqualTo("w");
  }

  @Test
  void aWorkerThatRestsStaysAndWhatItWasSentIsGivenToOthersAsTheSameAttempt() {
    give(new Joined("w", "s", 1, 1, Kinds.FIRST));
    long id = dispatch.reserve(2).orElseThrow();
    Send first = sent(give(new Accepted(id, List.of(task(id), task(id + 1)))));
    assertThat(all(give(new Alive("w", 1, false, true)), Send.class)).isEmpty();
    assertThat(dispatch.farm().queued()).isEqualTo(2);
    assertThat(dispatch.farm().serving()).as("it is there").isEqualTo(1);
    Send others = sent(give(new Joined("v", "s", 1, 1, Kinds.FIRST)));
    assertThat(others.worker()).isEqualTo("v");
    Send again = sent(give(new Alive("w", 1, false, false)));
    assertThat(again.worker()).isEqualTo("w");
    assertThat(Stream.of(others, again).flatMap(each -> each.tasks().stream()))
        .as("each once, as the attempt that it was")
        .hasSize(2)
        .containsAll(first.tasks())
        .extracting(Assignment::id, Assignment::attempt)
        .containsExactlyInAnyOrder(tuple(id, 1), tuple(id + 1, 1));
  }

  @Test
  void tasksAreStrandedWhereHeartbeatsCountNoWorker() {
    give(new Joined("own", "s", 1, 10, List.of("OWN")));
    assertThat(dispatch.farm().serving()).isZero();
    assertThat(dispatch.sight().manned()).isFalse();
    give(new Joined("w", "s", 1, 10, Kinds.COMMON));
    assertThat(dispatch.farm().serving()).isEqualTo(1);
    assertThat(dispatch.sight().manned()).isTrue();
    give(new Alive("w", 1, true));
    assertThat(dispatch.farm().serving()).isZero();
    assertThat(dispatch.sight().manned()).isFalse();
  }

  @Test
  void aGoodbyeOutdatesAllRegistrationsBeforeIt() {
    give(new Joined("w", "s", 5, 10, Kinds.COMMON));
    give(new Left("w", 7, true));
    assertThat(dispatch.farm().workers()).isEmpty();
    for (DispatchInput late :
        List.of(new Alive("w", 5, false), new Joined("w", "s", 7, 10, Kinds.COMMON))) {
      assertThat(all(give(late), DispatchEffect.TurnAway.class)).hasSize(1);
    }
  }

  @Test
  void whatIsGivenUpBeforeItWasDeliveredGivesItsCreditBack() {
    give(new Joined("w", "s", 1, 1, Kinds.COMMON));
    long id = dispatch.reserve(1).orElseThrow();
    Send lost = sent(give(new Accepted(id, List.of(task(id)))));
    give(new DispatchInput.Cancelling(id));
    give(new DispatchInput.Cancelled(id, "QUERY"));

    Send again = sent(give(new DispatchInput.Undelivered("w", 1, lost.tasks())));
    assertThat(again.tasks()).isEqualTo(lost.tasks());
  }
}
