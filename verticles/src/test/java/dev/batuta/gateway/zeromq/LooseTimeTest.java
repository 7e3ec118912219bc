package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LooseTimeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // As PHP's DATE_ISO8601, strftime, PostgreSQL, Python, Go, Java and XML write it.
        "2026-11-29T07:45:00+0000           | 2026-11-29T07:45:00Z",
        "2026-11-29T04:45:00-0300           | 2026-11-29T07:45:00Z",
        "2026-11-29 07:45:00 +0000          | 2026-11-29T07:45:00Z",
        "2026-11-29 07:45:00.5+00           | 2026-11-29T07:45:00.500Z",
        "2026-11-29T13:15:00+05:30          | 2026-11-29T07:45:00Z",
        "2026-11-29T07:45:00.123456         | 2026-11-29T07:45:00.123Z",
        "2026-11-29T07:45:00,123Z           | 2026-11-29T07:45:00.123Z",
        "2026-11-29T07:45:00.123456789Z     | 2026-11-29T07:45:00.123Z",
        "2026-11-29T07:45:00.1Z             | 2026-11-29T07:45:00.100Z",
        "2026-11-29T08:45+01:00[Europe/Rome]| 2026-11-29T07:45:00Z",
        "2026-11-29 07:45:00 UTC            | 2026-11-29T07:45:00Z",
        "2026-11-29t07:45:00z               | 2026-11-29T07:45:00Z",
        "2026-11-29T07:45Z                  | 2026-11-29T07:45:00Z",
        "2026-11-29T07                      | 2026-11-29T07:00:00Z",
        "20261129T074500Z                   | 2026-11-29T07:45:00Z",
        "20261129T0745+0000                 | 2026-11-29T07:45:00Z",
        "20261129T074500.250-0300           | 2026-11-29T10:45:00.250Z",
        "2026-11-29T04:45:00\u221203:00     | 2026-11-29T07:45:00Z",
        "2026-11-29                         | 2026-11-29T00:00:00Z",
        "2026-11-29T24:00:00Z               | 2026-11-30T00:00:00Z",
        "2016-12-31T23:59:60Z               | 2017-01-01T00:00:00Z",
        "1969-12-31T23:59:59.750Z           | 1969-12-31T23:59:59.750Z",
      })
  void iso8601IsReadAsLanguagesWriteIt(String text, Instant instant) {
    assertThat(LooseTime.ofText(text)).isEqualTo(OptionalLong.of(instant.toEpochMilli()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "now",
        "2026-02-30",
        "2026-13-01T00:00:00Z",
        "2026-11-29T25:00:00Z",
        "2026-11-29T24:00:01Z",
        "2026-11-29T07:60:00Z",
        "2026-11-29T07:45:61Z",
        "2026-11-29T07:45:00+19:00",
        "2026-11-29T07:45:00+01:75",
        "2026-1129T07:45:00Z",
        "2026-11-29T07:45:00Z tomorrow",
        "9999-12-31T00:00:00Z",
        "NaN",
      })
  void whatIsNoInstantIsNone(String text) {
    assertThat(LooseTime.ofText(text)).isEmpty();
  }

  @Test
  void digitsAloneAreANumber() {
    assertThat(LooseTime.ofText("20261129")).isEqualTo(OptionalLong.of(20_261_129_000L));
    assertThat(LooseTime.ofText(" 1764402300.5 ")).isEqualTo(OptionalLong.of(1_764_402_300_500L));
  }
}
