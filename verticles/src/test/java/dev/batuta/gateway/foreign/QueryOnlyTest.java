package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueryOnlyTest {
  private final QueryOnly known = new QueryOnly();

  @Test
  void anIdIsKeptForHoursSinceItWasNotedLast() {
    known.note("w-1", 1_000);
    assertThat(known.contains("w-2", 1_000)).isFalse();
    assertThat(known.contains("w-1", 999 + QueryOnly.KEPT_MILLIS)).isTrue();
    assertThat(known.contains("w-1", 1_000 + QueryOnly.KEPT_MILLIS)).isFalse();
    known.note("w-1", 5_000);
    assertThat(known.contains("w-1", 1_000 + QueryOnly.KEPT_MILLIS)).isTrue();
  }

  @Test
  void ofManyThoseAreKeptThatWereNotedLast() {
    for (int i = 0; i < 20_000; i++) {
      known.note("w-" + i, 1_000);
      known.note("often", 1_000);
    }
    assertThat(known.contains("w-0", 1_000)).isFalse();
    assertThat(known.contains("w-19999", 1_000)).isTrue();
    assertThat(known.contains("often", 1_000)).isTrue();
  }
}
