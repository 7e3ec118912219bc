package dev.batuta.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WakeRoundsTest {
  private long nanos = 1_000;
  private int subscribers;
  private int begun;
  private Runnable during = () -> {};
  private final List<Duration> waits = new ArrayList<>();
  private final List<Runnable> waiting = new ArrayList<>();
  private final WakeRounds rounds =
      new WakeRounds(
          () -> subscribers,
          () -> nanos,
          (time, task) -> {
            waits.add(time);
            waiting.add(task);
          },
          () -> {
            begun++;
            during.run();
          });

  @Test
  void fewAreWokenAtOnce() {
    subscribers = 19;
    rounds.wake();
    rounds.wake();
    assertThat(begun).isEqualTo(2);
    assertThat(waits).isEmpty();
  }

  @Test
  void manyAreWokenAtOnceAfterARestAndThenOnceForAllThatComes() {
    subscribers = 400;
    rounds.wake();
    assertThat(begun).isEqualTo(1);
    pass(Duration.ofMillis(5));
    rounds.wake();
    rounds.wake();
    assertThat(begun).isEqualTo(1);
    assertThat(waits).containsExactly(Duration.ofMillis(15));
    pass(Duration.ofMillis(15));
    waiting.removeFirst().run();
    assertThat(begun).isEqualTo(2);
    assertThat(waiting).isEmpty();
    pass(Duration.ofMillis(20));
    rounds.wake();
    assertThat(begun).isEqualTo(3);
  }

  @Test
  void theWaitIsBoundedHoweverManyThereAre() {
    subscribers = 1_000_000_000;
    rounds.wake();
    rounds.wake();
    assertThat(waits).containsExactly(Duration.ofMillis(100));
  }

  @Test
  void whatComesDuringARoundIsNotForgotten() {
    subscribers = 1_000;
    during =
        () -> {
          during = () -> {};
          rounds.wake();
        };
    rounds.wake();
    assertThat(waiting).hasSize(1);
    waiting.removeFirst().run();
    assertThat(begun).isEqualTo(2);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
