package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.gateway.platform.WorkerAnswer.Done;
import dev.batuta.gateway.platform.WorkerAnswer.Failed;
import dev.batuta.gateway.platform.WorkerAnswer.Received;
import dev.batuta.gateway.platform.WorkerConversation.Effect;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Accept;
import dev.batuta.gateway.platform.WorkerConversation.Effect.End;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Execute;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Forget;
import dev.batuta.gateway.platform.WorkerConversation.Effect.HangUp;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Join;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Quit;
import dev.batuta.gateway.platform.WorkerConversation.Effect.Refuse;
import dev.batuta.gateway.platform.WorkerConversation.Input;
import dev.batuta.gateway.platform.WorkerConversation.Input.Abandoned;
import dev.batuta.gateway.platform.WorkerConversation.Input.Answered;
import dev.batuta.gateway.platform.WorkerConversation.Input.Assigned;
import dev.batuta.gateway.platform.WorkerConversation.Input.Dropped;
import dev.batuta.gateway.platform.WorkerConversation.Input.Heard;
import dev.batuta.gateway.platform.WorkerConversation.Input.HungUp;
import dev.batuta.gateway.platform.WorkerConversation.Input.Reported;
import dev.batuta.gateway.platform.WorkerConversation.Input.Tick;
import dev.batuta.gateway.platform.WorkerConversation.Input.Unreached;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class WorkerConversationTest {
  private static final Done DONE = new Done("1");
  private final WorkerConversation conversation = new WorkerConversation(0);
  private long now;

  private static Assignment task(long id) {
    return new Assignment(id, 1, 0, new Compute(2_000, false));
  }

  private static Assignment crash(long id) {
    return new Assignment(id, 1, 0, new Compute(1_000, true));
  }

  private List<Effect> step(Input input) {
    return conversation.step(now, input);
  }

  private List<Effect> after(long millis, Input input) {
    now += millis;
    return step(input);
  }

  /** Says that it lives, all the while. */
  private void live(long millis) {
    for (long passed = 0; passed < millis; passed += 1_000) {
      after(1_000, new Heard());
    }
  }

  private void isSent(long id) {
    step(new Heard());
    assertThat(step(new Assigned(task(id)))).containsExactly(new Execute(task(id)));
  }

  @Test
  void aWorkerJoinsOnceAndIsDeadAfterSixSecondsOfSilence() {
    assertThat(step(new Heard())).containsExactly(new Join());
    assertThat(after(2_000, new Heard())).isEmpty();
    assertThat(after(5_999, new Tick())).isEmpty();
    assertThat(after(1, new Tick())).containsExactly(new Quit(false, "no heartbeat came"));
    assertThat(after(1_000, new Tick())).isEmpty();
    assertThat(after(1_000, new Heard())).containsExactly(new Join());
  }

  @Test
  void whatADeadWorkerHasBegunCostsItsAttemptThoughItStillListens() {
    isSent(7);
    assertThat(after(6_000, new Tick()))
        .containsExactly(new HangUp(), new Quit(true, "no heartbeat came"));
    assertThat(step(new Answered(7, 1, DONE))).isEmpty();
    assertThat(step(new Reported(7, DONE))).containsExactly(new Refuse());
  }

  @Test
  void anAnswerEndsItsTaskOnceHoweverOftenItIsSaid() {
    isSent(7);
    assertThat(step(new Answered(7, 1, DONE))).containsExactly(new HangUp(), new End(7, 1, DONE));
    assertThat(step(new Answered(7, 1, DONE))).isEmpty();
    assertThat(step(new Reported(7, DONE))).containsExactly(new Accept());
    assertThat(step(new Reported(8, DONE))).containsExactly(new Refuse());
  }

  @Test
  void aWorkerWhoseConnectionEndsMayReportForTwoSeconds() {
    isSent(7);
    step(new HungUp(7, 1, "gone"));
    assertThat(after(1_999, new Tick())).isEmpty();
    assertThat(step(new Reported(7, DONE)))
        .containsExactly(new HangUp(), new End(7, 1, DONE), new Accept());

    isSent(8);
    step(new HungUp(8, 1, "gone"));
    assertThat(after(2_000, new Tick()))
        .containsExactly(new HangUp(), new End(8, 1, new Failed("gone")));
  }

  @Test
  void aWorkerThatHasReceivedItsTaskHasAllItsTimeToReport() {
    isSent(7);
    assertThat(step(new Answered(7, 1, new Received()))).isEmpty();
    step(new HungUp(7, 1, "gone"));
    live(11_000);
    assertThat(step(new Tick())).isEmpty();
    live(1_000);
    assertThat(step(new Tick()))
        .containsExactly(new HangUp(), new End(7, 1, new Failed("no answer within 12000 ms")));
  }

  @Test
  void theTimeOfATaskIsShorterWhereItsOwnerSaysSo() {
    step(new Heard());
    step(new Assigned(new Assignment(7, 2, 3_000, new Compute(2_000, false))));
    assertThat(after(2_999, new Tick())).isEmpty();
    assertThat(after(1, new Tick()))
        .containsExactly(new HangUp(), new End(7, 2, new Failed("no answer within 3000 ms")));
  }

  @Test
  void aWorkerThatNobodyReachesGivesItsTaskBackUnbegunAndComesAgainLaterEachTime() {
    for (long pause : new long[] {2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000}) {
      isSent(7);
      assertThat(step(new Unreached(7, 1)))
          .containsExactly(new Quit(false, "nobody listens at its address"));
      assertThat(after(pause - 1, new Heard())).isEmpty();
      now++;
    }
    isSent(7);
    step(new Answered(7, 1, DONE));
    isSent(8);
    step(new Unreached(8, 1));
    assertThat(after(2_000, new Heard())).containsExactly(new Join());
  }

  @Test
  void aWorkerThatFailsWhatIsToCrashItIsDeadUntilItSaysOtherwiseAMomentLater() {
    long id = 7;
    for (Input end : List.of(new HungUp(7, 1, "gone"), new Answered(8, 1, new Failed("no")))) {
      step(new Heard());
      assertThat(step(new Assigned(crash(id)))).containsExactly(new Execute(crash(id)));
      assertThat(step(end)).containsExactly(new HangUp(), new Quit(true, "a task has crashed it"));
      assertThat(step(new Reported(9, DONE))).containsExactly(new Refuse());
      assertThat(after(1_999, new Heard())).isEmpty();
      assertThat(after(1, new Heard())).containsExactly(new Join());
      id++;
    }
  }

  @Test
  void aWorkerThatFallsSilentOverWhatIsToCrashItOrGetsItDoneIsLikeAnyOther() {
    step(new Heard());
    step(new Assigned(crash(7)));
    assertThat(step(new Answered(7, 1, DONE))).containsExactly(new HangUp(), new End(7, 1, DONE));
    step(new Assigned(crash(8)));
    assertThat(after(6_000, new Tick()))
        .containsExactly(new HangUp(), new Quit(true, "no heartbeat came"));
  }

  @Test
  void whatComesAfterTheGoodbyeIsNotBegun() {
    isSent(7);
    step(new Unreached(7, 1));
    assertThat(step(new Assigned(task(8)))).isEmpty();
  }

  @Test
  void aTaskThatIsCancelledEndsAtOnceAndOneOfAnOverRegistrationSilently() {
    isSent(7);
    assertThat(step(new Dropped(7, 2, "cancelled"))).isEmpty();
    assertThat(step(new Dropped(7, 1, "cancelled")))
        .containsExactly(new HangUp(), new End(7, 1, new Failed("cancelled")));
    isSent(8);
    assertThat(step(new Abandoned(8, 1))).containsExactly(new HangUp());
    isSent(9);
  }

  @Test
  void aSecondTaskAtOnceFailsAndDisturbsNotTheFirst() {
    isSent(7);
    assertThat(step(new Assigned(task(8))))
        .containsExactly(new End(8, 1, new Failed("the worker has another task")));
    assertThat(step(new Answered(7, 1, DONE))).contains(new End(7, 1, DONE));
  }

  @Test
  void nothingIsKeptOfAWorkerThatHasBeenDeadForTenMinutes() {
    step(new Heard());
    after(6_000, new Tick());
    assertThat(after(593_999, new Tick())).isEmpty();
    assertThat(after(1, new Tick())).containsExactly(new Forget());
  }

  @Test
  void oneThatIsKnownAndNotHeardIsWaitedForAsLong() {
    assertThat(after(599_999, new Tick())).isEmpty();
    assertThat(after(1, new Tick())).containsExactly(new Forget());
  }

  /** An input, and how long after the one before it comes. */
  record Step(long millis, Input input) {}

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Long> ids = Arbitraries.longs().between(1, 3);
    Arbitrary<WorkerAnswer> answers =
        Arbitraries.of(DONE, new Failed("no"), new Received()).map(WorkerAnswer.class::cast);
    Arbitrary<Input> inputs =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.just(new Heard())),
            Tuple.of(4, Arbitraries.just(new Tick())),
            Tuple.of(6, ids.map(id -> new Assigned(id == 3 ? crash(id) : task(id)))),
            Tuple.of(
                4, Combinators.combine(ids, answers).as((id, how) -> new Answered(id, 1, how))),
            Tuple.of(1, ids.map(id -> new Reported(id, DONE))),
            Tuple.of(1, ids.map(id -> new HungUp(id, 1, "gone"))),
            Tuple.of(1, ids.map(id -> new Unreached(id, 1))),
            Tuple.of(1, ids.map(id -> new Dropped(id, 1, "cancelled"))),
            Tuple.of(1, ids.map(id -> new Abandoned(id, 1))));
    return Combinators.combine(Arbitraries.longs().between(0, 4_000), inputs)
        .as(Step::new)
        .list()
        .ofMaxSize(100);
  }

  /** What was sent ends exactly once: by its end, with the goodbye, or by being abandoned. */
  @Property(tries = 1_000)
  void everythingThatIsSentEndsOnceAndOnlyMembersAreSentAnything(
      @ForAll("histories") List<Step> history) {
    WorkerConversation fresh = new WorkerConversation(0);
    Map<Long, Integer> open = new HashMap<>();
    long at = 0;
    boolean member = false;
    long heard = 0;
    for (Step each : history) {
      at += each.millis();
      heard = each.input() instanceof Heard ? at : heard;
      for (Effect effect : fresh.step(at, each.input())) {
        switch (effect) {
          case Join() -> {
            assertThat(member).isFalse();
            member = true;
          }
          case Quit(boolean begun, String _) -> {
            assertThat(member).isTrue();
            // One that was never begun is given back by the goodbye itself.
            assertThat(open).hasSize(begun || each.input() instanceof Unreached ? 1 : 0);
            open.clear();
            member = false;
          }
          case Execute(Assignment task) -> {
            assertThat(member).isTrue();
            assertThat(open).isEmpty();
            open.put(task.id(), task.attempt());
          }
          case End(long id, int attempt, WorkerAnswer how) -> {
            assertThat(how).isNotInstanceOf(Received.class);
            if (!(each.input() instanceof Assigned)) {
              assertThat(open.remove(id)).isEqualTo(attempt);
            }
          }
          case HangUp() -> {
            if (each.input() instanceof Abandoned) {
              open.clear();
            }
          }
          case Accept(), Refuse() -> assertThat(each.input()).isInstanceOf(Reported.class);
          case Forget() -> assertThat(member).isFalse();
        }
      }
      assertThat(fresh.isMember()).isEqualTo(member);
      if (each.input() instanceof Tick && at - heard >= 6_000) {
        assertThat(member).isFalse();
      }
    }
  }
}
