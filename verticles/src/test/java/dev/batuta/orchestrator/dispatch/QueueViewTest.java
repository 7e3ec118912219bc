package dev.batuta.orchestrator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Cause;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finish;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Finished;
import dev.batuta.orchestrator.dispatch.DispatchEffect.GiveUp;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Lost;
import dev.batuta.orchestrator.dispatch.DispatchEffect.Mark;
import dev.batuta.orchestrator.dispatch.DispatchInput.Accepted;
import dev.batuta.orchestrator.dispatch.DispatchInput.Alive;
import dev.batuta.orchestrator.dispatch.DispatchInput.GaveUp;
import dev.batuta.orchestrator.dispatch.DispatchInput.Joined;
import dev.batuta.orchestrator.dispatch.DispatchInput.Left;
import dev.batuta.orchestrator.dispatch.DispatchInput.Marked;
import dev.batuta.orchestrator.dispatch.DispatchInput.Reported;
import dev.batuta.orchestrator.dispatch.DispatchInput.Tick;
import dev.batuta.orchestrator.dispatch.DispatchInput.Verdict;
import dev.batuta.task.Kinds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What who watches a queue sees of it, and why attempts are said to have brought nothing. */
class QueueViewTest {
  private static final Query QUERY = new Query("u");

  private final Dispatch dispatch =
      new Dispatch(DispatchSettings.of(1000, Duration.ofSeconds(1)), 7, 0, 1);
  private final List<DispatchEffect> effects = new ArrayList<>();

  /** Carries out marks, and keeps the other effects. */
  private void at(long now, DispatchInput input) {
    for (DispatchEffect effect : dispatch.step(now, input)) {
      if (effect instanceof Mark(long throughId, var scope)) {
        at(now, new Marked(throughId, scope));
      } else {
        effects.add(effect);
      }
    }
  }

  private long accept(long now, Payload payload, long notBefore, long timeout) {
    long id = dispatch.reserve(1).orElseThrow();
    at(now, new Accepted(id, List.of(new QueuedTask(id, payload, 0, notBefore, timeout, 1, 3))));
    return id;
  }

  private void join(long now, String worker, String home, int credits) {
    at(now, new Joined(worker, home, now, credits, Kinds.COMMON));
  }

  private QueueView view() {
    return dispatch.view("s");
  }

  private List<Lost> lost() {
    return effects.stream()
        .flatMap(effect -> effect instanceof GiveUp(var lost) ? lost.stream() : Stream.empty())
        .toList();
  }

  private List<Finish> finished() {
    return effects.stream()
        .flatMap(effect -> effect instanceof Finished(var tasks) ? tasks.stream() : Stream.empty())
        .toList();
  }

  @Test
  void whatWaitsIsShownByKindWithTheAgeOfTheFirst() {
    accept(1_000, QUERY, 0, 0);
    accept(2_000, new Compute(0, false), 0, 0);
    accept(3_000, QUERY, 0, 0);
    accept(3_000, QUERY, 60_000, 0);
    at(5_000, new Tick());

    assertThat(view().ready()).isEqualTo(Map.of("QUERY", 2, "COMPUTE", 1));
    assertThat(view().oldestMillis()).isEqualTo(4_000);
    assertThat(view().queued()).isEqualTo(3);
    assertThat(view().pending()).isEqualTo(4);
    assertThat(view().running()).isZero();
  }

  @Test
  void aTaskWithAnInstantHasNotWaitedBeforeThat() {
    accept(1_000, QUERY, 10_000, 0);
    at(12_000, new Tick());

    assertThat(view().oldestMillis()).isEqualTo(2_000);
  }

  @Test
  void workersAreOwnOrBorrowedAndTakeSoMuchTogether() {
    join(1, "w1", "s", 10);
    join(2, "w2", "", 5);
    join(3, "w3", "other", 1);
    accept(4, QUERY, 0, 0);

    assertThat(view().workers()).isEqualTo(new QueueView.Workers(2, 1, 16));
    assertThat(view().running()).isEqualTo(1);
    assertThat(view().oldestMillis()).isZero();
  }

  @Test
  void anAttemptIsSaidToBeLostForItsCause() {
    join(1, "w", "s", 10);
    long late = accept(2, QUERY, 0, 50);
    at(60, new Tick());
    long broken = accept(61, QUERY, 0, 0);
    at(62, new Reported("w", 1, List.of(new Outcome(broken, 1, false, null, "no", 0, 0))));
    accept(63, QUERY, 0, 0);
    join(64, "w", "s", 10);
    accept(65, QUERY, 0, 0);
    at(66, new Left("w", 64, false));
    join(67, "v", "s", 10);
    accept(68, QUERY, 0, 0);
    at(900, new Tick());
    at(1_800, new Tick());
    at(2_700, new Tick());
    at(3_600, new Tick());

    assertThat(lost())
        .extracting(Lost::cause)
        .containsExactly(
            Cause.OVERDUE,
            Cause.FAILED,
            Cause.WORKER_REPLACED,
            Cause.WORKER_LEFT,
            Cause.WORKER_SILENT);
    assertThat(lost().getFirst().id()).isEqualTo(late);
  }

  @Test
  void aResultTellsWhenItsAttemptWasSentAndATaskThatDiesDoesNot() {
    join(1, "w", "s", 10);
    long done = accept(100, QUERY, 0, 0);
    at(150, new Alive("w", 1, false));
    at(170, new Reported("w", 1, List.of(new Outcome(done, 1, true, null, null, 0, 0))));
    long dies = accept(200, QUERY, 0, 0);
    at(210, new Reported("w", 1, List.of(new Outcome(dies, 1, false, null, "no", 0, 0))));
    at(220, new GaveUp(List.of(new Verdict(lost().getFirst(), State.DEAD, 0))));

    assertThat(finished()).extracting(Finish::sentAtMillis).containsExactly(100L, 0L);
  }
}
