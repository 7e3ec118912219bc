package dev.batuta.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
  private final LoginThrottle throttle = new LoginThrottle();

  @Test
  void fiveFailuresAreFreeAndTheSixthWaitsOutTheMinute() {
    fail(5, 0);

    assertThat(throttle.wait("here", "alice", 20_000)).isEqualTo(Duration.ofSeconds(40));
    assertThat(throttle.wait("here", "alice", 60_000)).isZero();
  }

  @Test
  void anotherUserOrAnotherClientNeedNotWait() {
    fail(9, 0);

    assertThat(throttle.wait("here", "bob", 1)).isZero();
    assertThat(throttle.wait("there", "alice", 1)).isZero();
  }

  @Test
  void aSuccessForgetsTheFailures() {
    fail(4, 0);
    throttle.succeeded("here", "alice");
    fail(4, 1);

    assertThat(throttle.wait("here", "alice", 2)).isZero();
  }

  @Test
  void itForgetsTheOldestWhenTooManyAreGuessedAt() {
    fail(5, 0);
    for (int i = 0; i < 10_000; i++) {
      throttle.failed("here", "user-" + i, 1);
    }

    assertThat(throttle.wait("here", "alice", 2)).isZero();
  }

  private void fail(int times, long nowMillis) {
    for (int i = 0; i < times; i++) {
      throttle.failed("here", "alice", nowMillis);
    }
  }
}
