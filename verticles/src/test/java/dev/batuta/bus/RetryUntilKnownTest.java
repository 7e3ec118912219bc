package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.RetryUntilKnown.Known.Answered;
import dev.batuta.bus.RetryUntilKnown.Known.Failed;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class RetryUntilKnownTest {
  private final Pauses pauses = new Pauses();
  private final Queue<Future<String>> answers = new ArrayDeque<>();
  private final List<Refused> doubts = new ArrayList<>();
  private boolean wanted = true;

  @Test
  void anUnknownOutcomeIsAskedForAgainUntilItIsKnown() {
    answers.addAll(
        List.of(failed(Kind.UNKNOWN), failed(Kind.UNKNOWN), Future.succeededFuture("done")));

    assertThat(ask().result()).isEqualTo(new Answered<>("done", true));
    assertThat(doubts).as("told once").hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = Mode.EXCLUDE, names = "UNKNOWN")
  void withoutDoubtAFailureIsTheAnswer(Kind kind) {
    answers.add(failed(kind));

    assertThat(ask().result())
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.wasDoubtful()).isFalse();
              assertThat(failed.why()).hasMessage(kind + " it is");
            });
    assertThat(doubts).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "BUSY", "INTERNAL"})
  void aRepetitionThatDidNotHappenSaysNothingOfTheCallBefore(Kind kind) {
    answers.addAll(List.of(failed(Kind.UNKNOWN), failed(kind), Future.succeededFuture("done")));

    assertThat(ask().result()).isEqualTo(new Answered<>("done", true));
  }

  @ParameterizedTest
  @EnumSource(names = {"INVALID", "NOT_FOUND", "CONFLICT", "FENCED"})
  void aRefusalEndsTheDoubtAndTellsOfIt(Kind kind) {
    answers.addAll(List.of(failed(Kind.UNKNOWN), failed(kind)));

    assertThat(ask().result())
        .isInstanceOfSatisfying(Failed.class, failed -> assertThat(failed.wasDoubtful()).isTrue());
  }

  @Test
  void whoDoesNotWantToKnowAnyMoreGetsTheLastFailure() {
    answers.addAll(List.of(failed(Kind.UNKNOWN), failed(Kind.UNKNOWN)));
    Future<RetryUntilKnown.Known<String>> asked = asked();
    wanted = false;
    pauses.allOver();

    assertThat(asked.result()).isInstanceOf(Failed.class);
    assertThat(answers).isEmpty();
  }

  @Test
  void whoNeverWantedToKnowIsToldOfTheDoubtAllTheSame() {
    answers.add(failed(Kind.UNKNOWN));
    wanted = false;

    assertThat(ask().result())
        .isInstanceOfSatisfying(Failed.class, failed -> assertThat(failed.wasDoubtful()).isTrue());
  }

  @Test
  void ownWorkIsRepeatedWhileTheObstacleMayPassAndEndsWithARefusal() {
    answers.addAll(List.of(failed(Kind.UNAVAILABLE), failed(Kind.BUSY), failed(Kind.UNKNOWN)));
    answers.addAll(List.of(failed(Kind.CONFLICT), failed(Kind.UNKNOWN)));
    Future<String> done = RetryUntilKnown.whilePassing(pauses, answers::remove, error -> wanted);
    pauses.allOver();

    assertThat(done.cause()).hasMessage("CONFLICT it is");
  }

  @Test
  void whatMustNotBeLostIsRepeatedWhateverFailsUntilAFenceSaysThatItIsAnothers() {
    answers.addAll(List.of(failed(Kind.INTERNAL), Future.failedFuture("a defect")));
    answers.addAll(List.of(failed(Kind.INVALID), failed(Kind.FENCED)));
    Future<String> done = RetryUntilKnown.untilFenced(pauses, answers::remove, error -> wanted);
    pauses.allOver();

    assertThat(done.cause()).hasMessage("FENCED it is");
  }

  private Future<RetryUntilKnown.Known<String>> ask() {
    Future<RetryUntilKnown.Known<String>> asked = asked();
    pauses.allOver();
    assertThat(answers).as("asked for all of them").isEmpty();
    return asked;
  }

  private Future<RetryUntilKnown.Known<String>> asked() {
    return RetryUntilKnown.ask(pauses, answers::remove, () -> wanted, doubts::add);
  }

  private static Future<String> failed(Kind kind) {
    return Future.failedFuture(new Refused(kind, "a-code", kind + " it is"));
  }

  /** Pauses that are over when the test says so. */
  private static final class Pauses implements Timers {
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    void allOver() {
      while (!waiting.isEmpty()) {
        waiting.remove().run();
      }
    }

    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public void after(long millis, Runnable action) {
      waiting.add(action);
    }

    @Override
    public void next(Runnable action) {
      action.run();
    }

    @Override
    public long random(long bound) {
      return 0;
    }
  }
}
