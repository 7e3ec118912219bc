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
  void aClientThatGuessesAtManyUsersWaitsForAllOfThem() {
    for (int i = 0; i < 50; i++) {
      assertThat(throttle.wait("here", "user-" + i, i)).isZero();
      throttle.failed("here", "user-" + i, i);
    }

    assertThat(throttle.wait("here", "alice", 20_000)).isEqualTo(Duration.ofSeconds(40));
    assertThat(throttle.wait("there", "alice", 20_000)).isZero();
    assertThat(throttle.wait("here", "alice", 60_000)).isZero();
  }

  @Test
  void aUserWhomManyClientsGuessAtIsGuardedFromAllOfThem() {
    for (int i = 0; i < 100; i++) {
      throttle.failed("10.0.0." + i, "alice", i);
    }

    assertThat(throttle.wait("10.1.0.1", "alice", 20_000)).isEqualTo(Duration.ofSeconds(40));
    assertThat(throttle.wait("10.1.0.1", "bob", 20_000)).isZero();
  }

  @Test
  void theAddressesOfOneNetworkOfIpv6AreOneClient() {
    for (int i = 0; i < 5; i++) {
      throttle.failed("2001:db8::" + i, "alice", 0);
    }

    assertThat(throttle.wait("2001:db8::ffff:1", "alice", 1)).isPositive();
    assertThat(throttle.wait("2001:db8:0:1::1", "alice", 1)).isZero();
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
      throttle.failed("host-" + i, "user-" + i, 1);
    }

    assertThat(throttle.wait("here", "alice", 2)).isZero();
  }

  private void fail(int times, long nowMillis) {
    for (int i = 0; i < times; i++) {
      throttle.failed("here", "alice", nowMillis);
    }
  }
}
