package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.zeromq.LooseReader.Moment;
import dev.batuta.gateway.zeromq.LooseReader.Strange;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent, read field by field as it can be meant: numbers in any width, as floats and
 * as digits, numbers where a text is meant, none as nil or not there. A field that cannot be meant
 * is refused by its name. Immutable.
 */
final class LooseMap {
  static final LooseMap EMPTY = new LooseMap(Map.of());

  private final Map<String, @Nullable Object> entries;

  /**
   * @param entries nobody changes any more
   */
  LooseMap(Map<String, @Nullable Object> entries) {
    this.entries = entries;
  }

  /** A value where a map is meant: an encoder may write an empty one as an empty array. */
  static LooseMap of(String field, @Nullable Object value) {
    return switch (value) {
      case null -> EMPTY;
      case LooseMap map -> map;
      case List<?> list when list.isEmpty() -> EMPTY;
      case List<?> list ->
          throw Refused.invalid(
              "invalid-request",
              "The %s is an array of %d values without keys: send a map (in Rust rmp_serde::to_vec_named, in C++ MSGPACK_DEFINE_MAP)."
                  .formatted(field, list.size()));
      default -> throw wrong(field, "a MessagePack map", value);
    };
  }

  /** Whether a field is there and not nil. */
  boolean has(String field) {
    return entries.get(field) != null;
  }

  /** A map; an empty one where there is none. */
  LooseMap map(String field) {
    return of(field, entries.get(field));
  }

  /** A text, or the digits of a number. */
  Optional<String> text(String field) {
    return switch (entries.get(field)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case Long number -> Optional.of(number.toString());
      case BigInteger number -> Optional.of(number.toString());
      case Double number when isIntegral(number) ->
          Optional.of(new BigDecimal(number).toBigInteger().toString());
      case Double number when !number.isNaN() && !number.isInfinite() ->
          Optional.of(number.toString());
      case Object other -> throw wrong(field, "a text", other);
    };
  }

  /** A text that has to be there, under the first of its names that is. */
  String required(String field, String... orElse) {
    Optional<String> found = text(field);
    for (int i = 0; found.isEmpty() && i < orElse.length; i++) {
      found = text(orElse[i]);
    }
    return found.orElseThrow(
        () ->
            Refused.invalid(
                "invalid-request", "The field \"" + field + "\" is missing: give a text."));
  }

  /** A number. */
  Optional<Double> number(String field) {
    return switch (entries.get(field)) {
      case null -> Optional.empty();
      case Long number -> Optional.of((double) number);
      case BigInteger number -> Optional.of(number.doubleValue());
      case Double number when !number.isNaN() && !number.isInfinite() -> Optional.of(number);
      case String digits when isNumber(digits) -> Optional.of(Double.parseDouble(digits.strip()));
      case Object other -> throw wrong(field, "a number", other);
    };
  }

  /** An integer if it can be meant as one; anything else is none. */
  OptionalLong integer(String field) {
    return switch (entries.get(field)) {
      case Long number -> OptionalLong.of(number);
      case Double number when isIntegral(number) && Math.abs(number) < 0x1p63 ->
          OptionalLong.of(number.longValue());
      case String digits when digits.matches("[+-]?\\d{1,18}") ->
          OptionalLong.of(Long.parseLong(digits));
      case null, default -> OptionalLong.empty();
    };
  }

  /** An instant in milliseconds since 1970. */
  OptionalLong time(String field) {
    OptionalLong time = readableTime(field);
    Object value = entries.get(field);
    if (value != null && time.isEmpty()) {
      throw wrong(field, "a time: seconds since 1970, or ISO 8601", value);
    }
    return time;
  }

  /** The same; what cannot be meant as an instant is none. */
  OptionalLong readableTime(String field) {
    return switch (entries.get(field)) {
      case null -> OptionalLong.empty();
      case Moment moment -> OptionalLong.of(moment.millis());
      case Long number -> LooseTime.ofNumber(number);
      case BigInteger number -> LooseTime.ofNumber(number.doubleValue());
      case Double number -> LooseTime.ofNumber(number);
      case String text -> LooseTime.ofText(text);
      case Object _ -> OptionalLong.empty();
    };
  }

  private static boolean isIntegral(double number) {
    return number == Math.rint(number) && !Double.isInfinite(number);
  }

  private static boolean isNumber(String text) {
    return text.length() <= 64
        && text.strip().matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");
  }

  private static Refused wrong(String field, String meant, @Nullable Object value) {
    return Refused.invalid(
        "invalid-request",
        "The field \"" + field + "\" is " + words(value) + ": give " + meant + ".");
  }

  /** A value in words that are safe to repeat. */
  static String words(@Nullable Object value) {
    return switch (value) {
      case null -> "nil";
      case String text -> "the text \"" + Refused.shown(text) + "\"";
      case Long number -> "the number " + number;
      case BigInteger number -> "the number " + number;
      case Double number -> "the number " + number;
      case Boolean truth -> "the boolean " + truth;
      case Moment _ -> "a time";
      case List<?> list -> "an array of " + list.size();
      case LooseMap _ -> "a map";
      case Strange strange -> strange.words();
      case Object _ -> "something else";
    };
  }
}
