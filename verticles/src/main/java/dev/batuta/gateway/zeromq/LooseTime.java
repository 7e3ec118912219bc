package dev.batuta.gateway.zeromq;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.OptionalLong;

/**
 * Instants as clients of many languages write them: seconds, milliseconds, microseconds or
 * nanoseconds since 1970, told apart by their size, or ISO 8601, without a zone in UTC. Pure.
 */
final class LooseTime {
  /** The year 5138: a larger number of seconds is one of milliseconds, and so on. */
  static final long MAX_SECONDS = 100_000_000_000L;

  private LooseTime() {}

  /** The milliseconds of a number; empty if it is no instant. */
  static OptionalLong ofNumber(double number) {
    double size = Math.abs(number);
    if (!(size < MAX_SECONDS * 1e9)) {
      return OptionalLong.empty();
    }
    double millis =
        size < MAX_SECONDS
            ? number * 1e3
            : size < MAX_SECONDS * 1e3
                ? number
                : size < MAX_SECONDS * 1e6 ? number / 1e3 : number / 1e6;
    return OptionalLong.of(Math.round(millis));
  }

  /** The milliseconds of a text; empty if it is no instant. */
  static OptionalLong ofText(String text) {
    String trimmed = text.strip();
    if (trimmed.length() > 64) {
      return OptionalLong.empty();
    }
    try {
      return ofNumber(Double.parseDouble(trimmed));
    } catch (NumberFormatException noNumber) {
      return ofIso(trimmed.replaceFirst("(?<=\\d) (?=\\d)", "T"));
    }
  }

  private static OptionalLong ofIso(String text) {
    try {
      var read =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(
              text, OffsetDateTime::from, LocalDateTime::from);
      var instant =
          read instanceof OffsetDateTime zoned
              ? zoned.toInstant()
              : LocalDateTime.from(read).toInstant(ZoneOffset.UTC);
      return Math.abs(instant.getEpochSecond()) <= MAX_SECONDS
          ? OptionalLong.of(instant.toEpochMilli())
          : OptionalLong.empty();
    } catch (DateTimeException noTime) {
      return OptionalLong.empty();
    }
  }
}
