package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How slow a body may be; that one which is slower is refused, {@link HttpLimitsTest} shows. */
class PaceTest {
  private static final long PATIENCE_SECONDS = 10;

  @ParameterizedTest
  @CsvSource({"0, 60", "1, 60", "32768, 61", "327680, 70", "117964800, 3660"})
  void aBodyOf32KiBASecondMayFallBehindByAMinuteAndNoMore(long bytes, long seconds) {
    assertThat(isBehind(bytes, TimeUnit.SECONDS.toMillis(seconds))).isFalse();
    assertThat(isBehind(bytes, TimeUnit.SECONDS.toMillis(seconds) + 1)).isTrue();
  }

  private static boolean isBehind(long bytes, long millis) {
    return Pace.isBehind(
        bytes, TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
  }
}
