package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.Updates.MISSED;
import static dev.batuta.gateway.foreign.Updates.REPORTED;
import static dev.batuta.gateway.foreign.Updates.UNKNOWN;
import static dev.batuta.gateway.foreign.Updates.UNTRIED;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KnownUpdatesTest {
  private final KnownUpdates known = new KnownUpdates();

  @Test
  void whatAnIdHasShownIsKeptForHoursSinceItWasNotedLast() {
    known.note("w-1", UNKNOWN, 1_000);
    assertThat(known.of("w-2", 1_000)).isEqualTo(UNTRIED);
    assertThat(known.of("w-1", 999 + KnownUpdates.KEPT_MILLIS)).isEqualTo(UNKNOWN);
    assertThat(known.of("w-1", 1_000 + KnownUpdates.KEPT_MILLIS)).isEqualTo(UNTRIED);
    known.note("w-1", REPORTED, 5_000);
    assertThat(known.of("w-1", 1_000 + KnownUpdates.KEPT_MILLIS)).isEqualTo(REPORTED);
  }

  @Test
  void ofManyThoseAreKeptThatWereNotedLast() {
    for (int i = 0; i < 20_000; i++) {
      known.note("w-" + i, UNKNOWN, 1_000);
      known.note("often", MISSED, 1_000);
    }
    assertThat(known.of("w-0", 1_000)).isEqualTo(UNTRIED);
    assertThat(known.of("w-19999", 1_000)).isEqualTo(UNKNOWN);
    assertThat(known.of("often", 1_000)).isEqualTo(MISSED);
  }

  @Test
  void oneThatIsThereAndPassesAnUpdateOverKnowsNoneAndOneThatCameBackMayHaveBeenGone() {
    assertThat(UNTRIED.missed(true)).isEqualTo(UNKNOWN);
    assertThat(UNTRIED.missed(false)).isEqualTo(MISSED);
    assertThat(MISSED.missed(false)).isEqualTo(UNKNOWN);
    assertThat(REPORTED.missed(true)).isEqualTo(REPORTED);
    assertThat(Updates.values()).filteredOn(each -> !each.areGiven()).containsExactly(UNKNOWN);
  }
}
