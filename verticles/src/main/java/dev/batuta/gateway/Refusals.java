package dev.batuta.gateway;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import java.time.Duration;

/** Short names for the refusals that the gateway itself makes. */
final class Refusals {
  /** Longer values are cut when they are repeated in a sentence. */
  private static final int SHOWN_CHARACTERS = 80;

  private Refusals() {}

  static Refused invalid(String code, String sentence) {
    return new Refused(Kind.INVALID, code, sentence);
  }

  static Refused unauthenticated(String code, String sentence) {
    return new Refused(Kind.UNAUTHENTICATED, code, sentence);
  }

  static Refused forbidden(String sentence) {
    return new Refused(Kind.FORBIDDEN, "forbidden", sentence);
  }

  static Refused notFound(String code, String sentence) {
    return new Refused(Kind.NOT_FOUND, code, sentence);
  }

  static Refused busy(String code, String sentence, Duration retryAfter) {
    return new Refused(new Failure(Kind.BUSY, code, sentence, retryAfter.toMillis()));
  }

  static Refused unavailable(String code, String sentence) {
    return new Refused(new Failure(Kind.UNAVAILABLE, code, sentence, 1000));
  }

  static Refused unknown(String code, String sentence) {
    return new Refused(Kind.UNKNOWN, code, sentence);
  }

  /**
   * A value as it may be repeated to the one who sent it: short, and without control characters.
   */
  static String shown(String value) {
    String visible =
        value
            .codePoints()
            .limit(SHOWN_CHARACTERS)
            .map(
                c ->
                    Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                        ? '\uFFFD'
                        : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return value.codePointCount(0, value.length()) > SHOWN_CHARACTERS ? visible + ".." : visible;
  }
}
