package dev.batuta.election;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LeaderlessTest {
  private final Leaderless leaderless = new Leaderless();

  @Test
  void onlyTheTimeWithoutACoordinatorCountsWithWhatStillLasts() {
    assertThat(leaderless.until(50)).isZero();
    leaderless.changed(true, 100);
    leaderless.changed(true, 200); // lost once more
    assertThat(leaderless.until(250)).isEqualTo(Duration.ofNanos(150));

    leaderless.changed(false, 300);
    leaderless.changed(false, 350); // announced once more
    assertThat(leaderless.until(1000)).isEqualTo(Duration.ofNanos(200));

    leaderless.changed(true, 1000);
    assertThat(leaderless.until(1001)).isEqualTo(Duration.ofNanos(201));
  }
}
