package dev.batuta.gateway.zeromq;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Instants as clients of many languages write them: seconds, milliseconds, microseconds or
 * nanoseconds since 1970, told apart by their size, or ISO 8601, without a zone in UTC. Eight
 * digits and nothing else are a number, not a date. Pure.
 */
final class LooseTime {
  /** The year 5138: a larger number of seconds is one of milliseconds, and so on. */
  static final long MAX_SECONDS = 100_000_000_000L;

  /**
   * The extended form and the basic one, of which languages also write mixtures: a blank for the T,
   * a comma before the fraction, zones as +00, +0000 and +00:00, with the name of the zone behind.
   */
  private static final Pattern ISO =
      Pattern.compile(
          "(?<year>\\d{4})(?<dash>-?)(?<month>\\d\\d)\\k<dash>(?<day>\\d\\d)"
              + "([T ](?<hour>\\d\\d)(:?(?<minute>\\d\\d)(:?(?<second>\\d\\d)([.,](?<fraction>\\d+))?)?)?)?"
              + " ?(Z|UTC|GMT|(?<sign>[+\u2212-])(?<zoneHour>\\d\\d)(:?(?<zoneMinute>\\d\\d)(:?(?<zoneSecond>\\d\\d))?)?)?"
              + "(\\[[^\\]]*\\])?",
          Pattern.CASE_INSENSITIVE);

  private static final int SECONDS_OF_DAY = 86_400;
  private static final int MOST_OFFSET_SECONDS = 18 * 3_600;

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
      return ofIso(trimmed);
    }
  }

  private static OptionalLong ofIso(String text) {
    Matcher iso = ISO.matcher(text);
    if (!iso.matches()) {
      return OptionalLong.empty();
    }
    // Up to 24:00:00 and leap seconds, which are the beginning of the next day and minute.
    int ofDay = seconds(iso, "hour", "minute", "second");
    int offset = seconds(iso, "zoneHour", "zoneMinute", "zoneSecond");
    if (ofDay > SECONDS_OF_DAY || offset > MOST_OFFSET_SECONDS) {
      return OptionalLong.empty();
    }
    long day;
    try {
      day = LocalDate.of(part(iso, "year"), part(iso, "month"), part(iso, "day")).toEpochDay();
    } catch (DateTimeException noDay) {
      return OptionalLong.empty();
    }
    long local = day * SECONDS_OF_DAY + ofDay;
    long seconds = "+".equals(iso.group("sign")) ? local - offset : local + offset;
    return Math.abs(seconds) <= MAX_SECONDS
        ? OptionalLong.of(seconds * 1_000 + millis(iso.group("fraction")))
        : OptionalLong.empty();
  }

  /** More than there can be where minutes or seconds are none. */
  private static int seconds(Matcher iso, String hours, String minutes, String seconds) {
    int minute = part(iso, minutes);
    int second = part(iso, seconds);
    return minute > 59 || second > 60
        ? Integer.MAX_VALUE
        : part(iso, hours) * 3_600 + minute * 60 + second;
  }

  private static int part(Matcher iso, String name) {
    String digits = iso.group(name);
    return digits == null ? 0 : Integer.parseInt(digits);
  }

  private static int millis(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "00").substring(0, 3));
  }
}
