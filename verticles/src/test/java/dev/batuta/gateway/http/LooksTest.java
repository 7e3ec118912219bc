package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LooksTest {
  private long nowNanos = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5); // it may overflow
  private final Looks looks = new Looks(Duration.ofSeconds(2), nowNanos);

  /** A look, so long after the one before. */
  private boolean judgesAfter(long millis) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
    return looks.judges(nowNanos);
  }

  @Test
  void aLookThatIsInTimeJudges() {
    for (int i = 0; i < 10; i++) {
      assertThat(judgesAfter(i % 2 == 0 ? 1_000 : 2_000)).isTrue();
    }
  }

  @Test
  void aStandstillExcusesTheOneLookRightAfterIt() {
    for (int i = 0; i < 3; i++) {
      assertThat(judgesAfter(2_001)).isFalse();
      assertThat(judgesAfter(1_000)).isTrue();
    }
  }

  @Test
  void whereEachLookIsLateTheOneAfterAnExcusedOneJudges() {
    for (int i = 0; i < 10; i++) {
      assertThat(judgesAfter(60_000)).isFalse();
      assertThat(judgesAfter(60_000)).isTrue();
    }
  }
}
