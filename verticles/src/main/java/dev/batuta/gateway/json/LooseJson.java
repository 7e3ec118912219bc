package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Values of JSON as programs in other languages write them: a number also as its digits in a text,
 * a whole one also as {@code 7.0}, truth also as 0 and 1, or as a text. What cannot be meant so is
 * empty, as are null and what is not there.
 */
public final class LooseJson {
  private static final int MAX_DIGITS = 64;
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,18}");

  /** Below it each whole number is a double of its own. */
  private static final double MAX_EXACT = 0x1p53;

  private LooseJson() {}

  /** A number that is finite as a double. */
  public static OptionalDouble number(JsonNode value) {
    double number =
        value.isNumber()
            ? value.doubleValue()
            : NUMBER.matcher(digits(value)).matches()
                ? Double.parseDouble(digits(value))
                : Double.NaN;
    return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  /** A whole number; one with a point or an exponent only below 2^53. */
  public static OptionalLong whole(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.canConvertToLong() ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    }
    if (WHOLE.matcher(digits(value)).matches()) {
      return OptionalLong.of(Long.parseLong(digits(value)));
    }
    OptionalDouble number = number(value);
    return number.isPresent()
            && number.getAsDouble() == Math.rint(number.getAsDouble())
            && Math.abs(number.getAsDouble()) < MAX_EXACT
        ? OptionalLong.of((long) number.getAsDouble())
        : OptionalLong.empty();
  }

  /** What a text says, without the blanks around it; empty for anything else. */
  private static String digits(JsonNode value) {
    String text = value.isTextual() ? value.textValue() : "";
    return text.length() <= MAX_DIGITS ? text.strip() : "";
  }

  /** True or false. */
  public static Optional<Boolean> truth(JsonNode value) {
    if (value.isBoolean()) {
      return Optional.of(value.booleanValue());
    }
    String text = value.isTextual() ? digits(value).toLowerCase(Locale.ROOT) : text(value);
    return switch (text) {
      case "true", "1" -> Optional.of(true);
      case "false", "0" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** A text as it is, or the digits of a number; empty for anything else. */
  public static String text(JsonNode value) {
    if (value.isTextual()) {
      return value.textValue();
    }
    OptionalLong whole = whole(value);
    return whole.isPresent()
        ? Long.toString(whole.getAsLong())
        : value.isNumber() ? value.asText() : "";
  }
}
