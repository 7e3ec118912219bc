package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RetryTest {
  private static final Duration LONGEST = Duration.ofMillis(150);

  private final Pauses pauses = new Pauses();
  private int calls;

  @Test
  void aCallThatThrowsIsRepeatedLikeOneThatFails() {
    Future<String> called = called(error -> true);

    pauses.over();
    assertThat(called.isComplete()).isFalse();
    pauses.over();
    assertThat(called.result()).isEqualTo("call 3");
  }

  @Test
  void aThrowThatIsNotWorthRepeatingIsTheOutcome() {
    Future<String> called = called(error -> false);

    assertThat(called.cause()).hasMessage("call 1 throws");
  }

  @Test
  void aThrowAfterAPauseIsTheOutcomeToo() {
    Future<String> called = called(error -> "call 1 throws".equals(error.getMessage()));

    pauses.over();
    assertThat(called.cause()).hasMessage("call 2 throws");
  }

  @Test
  void pausesDoubleUpToTheLongest() {
    Retry.whileFailing(pauses, () -> Future.failedFuture("always"), error -> calls++ < 4, LONGEST);
    while (!pauses.waiting.isEmpty()) {
      pauses.over();
    }

    assertThat(pauses.millis).containsExactly(50L, 100L, 150L, 150L);
  }

  private Future<String> called(Predicate<Throwable> again) {
    return Retry.whileFailing(pauses, this::throwsTwice, again, LONGEST);
  }

  private Future<String> throwsTwice() {
    calls++;
    if (calls < 3) {
      throw new IllegalStateException("call " + calls + " throws");
    }
    return Future.succeededFuture("call " + calls);
  }

  /** Pauses that are over when the test says so. */
  private static final class Pauses implements Timers {
    final Deque<Runnable> waiting = new ArrayDeque<>();
    final List<Long> millis = new ArrayList<>();

    void over() {
      waiting.remove().run();
    }

    @Override
    public long nowMillis() {
      return 0;
    }

    @Override
    public void after(long millis, Runnable action) {
      this.millis.add(millis);
      waiting.add(action);
    }

    @Override
    public void next(Runnable action) {
      action.run();
    }

    /** So that the jitter is half of the pause. */
    @Override
    public long random(long bound) {
      return bound / 2;
    }
  }
}
