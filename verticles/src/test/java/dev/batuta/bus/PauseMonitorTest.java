package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseMonitorTest {
  private long nanos = -50;
  private final PauseMonitor monitor =
      new PauseMonitor(Duration.ofSeconds(5), Duration.ofSeconds(15), () -> nanos);

  @Test
  void aProcessThatRunsWasNotPaused() {
    for (int tick = 0; tick < 100; tick++) {
      passes(Duration.ofMillis(4999));
      assertThat(monitor.recentlyPaused()).isFalse();
    }
  }

  @Test
  void whoAsksFirstAfterAPauseIsToldOfIt() {
    passes(Duration.ofSeconds(5));
    assertThat(monitor.recentlyPaused()).isTrue();
  }

  @Test
  void aPauseIsRememberedFromItsEnd() {
    passes(Duration.ofMinutes(10));
    monitor.tick();
    passes(Duration.ofMillis(4999));
    passes(Duration.ofMillis(4999));
    passes(Duration.ofMillis(4999));
    assertThat(monitor.recentlyPaused()).isTrue();
    passes(Duration.ofMillis(3));
    assertThat(monitor.recentlyPaused()).isFalse();
  }

  @Test
  void aPauseAfterAPauseCounts() {
    passes(Duration.ofSeconds(6));
    assertThat(monitor.recentlyPaused()).isTrue();
    passes(Duration.ofSeconds(60));
    assertThat(monitor.recentlyPaused()).isTrue();
  }

  @Test
  void whatWasSeenBeforeAPauseIsOlderThanIt() {
    long before = nanos;
    passes(Duration.ofSeconds(4));
    assertThat(monitor.pausedSince(before)).isFalse();
    passes(Duration.ofSeconds(6));
    assertThat(monitor.pausedSince(before)).isTrue();
    assertThat(monitor.pausedSince(nanos)).isFalse();
  }

  private void passes(Duration time) {
    nanos += time.toNanos();
    if (time.compareTo(Duration.ofSeconds(5)) < 0) {
      monitor.tick();
    }
  }
}
