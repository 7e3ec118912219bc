package dev.batuta.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReopenBackoffTest {
  private final ReopenBackoff pauses = new ReopenBackoff();
  private long now = Long.MAX_VALUE - 5; // the scale overflows soon

  @Test
  void thePauseDoublesUpToItsLongest() {
    assertThat(LongStream.range(0, 8).map(i -> seconds()).toArray())
        .containsExactly(1, 2, 4, 8, 16, 30, 30, 30);
  }

  @Test
  void afterAMinuteWithoutNeedItIsShortAgain() {
    seconds();
    seconds();
    now += Duration.ofSeconds(59).toNanos();
    assertThat(seconds()).isEqualTo(4);
    now += Duration.ofSeconds(61).toNanos();
    assertThat(seconds()).isEqualTo(1);
  }

  private long seconds() {
    return pauses.next(now).toSeconds();
  }
}
