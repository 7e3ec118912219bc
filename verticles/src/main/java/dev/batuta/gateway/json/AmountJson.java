package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.codec.Amount;
import dev.batuta.codec.Refused;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * Amounts of money at the door: exact decimals with at most two decimals within DECIMAL(19,2), as
 * texts or numbers on the way in and as texts with two decimals everywhere else.
 */
public final class AmountJson {
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?");
  private static final String RANGE = "-99999999999999999.99 to 99999999999999999.99";

  private AmountJson() {}

  /** Which amounts a field takes. */
  public enum Sign {
    NOT_NEGATIVE,
    POSITIVE
  }

  /**
   * The amount in a field.
   *
   * @param field its name, for the sentence of a refusal
   * @return with exactly two decimals
   */
  public static String read(String field, JsonNode value, Sign sign) {
    BigDecimal amount = parse(field, value);
    String shown = Refused.shown(value.asText());
    if (amount.signum() != 0
        && amount.precision() - (long) amount.scale() > Amount.MAX_WHOLE_DIGITS) {
      throw refused(field, shown, "is out of range; use one within " + RANGE);
    }
    if (amount.scale() > Amount.MAX_DECIMALS) {
      throw refused(field, shown, "has more than 2 decimals; use at most 2, such as 120.50");
    }
    if (amount.signum() < 0) {
      throw refused(
          field,
          shown,
          "is negative; use one that is " + (sign == Sign.POSITIVE ? "above" : "at least") + " 0");
    }
    if (sign == Sign.POSITIVE && amount.signum() == 0) {
      throw refused(field, shown, "is not above 0; use at least 0.01");
    }
    return amount.setScale(2, RoundingMode.UNNECESSARY).toPlainString();
  }

  /** An amount of the ledger as it goes out. */
  public static String text(BigDecimal amount) {
    return amount.setScale(2, RoundingMode.UNNECESSARY).toPlainString();
  }

  private static BigDecimal parse(String field, JsonNode value) {
    if (value.isNumber()) {
      return value.decimalValue();
    }
    if (value.isTextual() && DECIMAL.matcher(value.textValue()).matches()) {
      return new BigDecimal(value.textValue());
    }
    throw refused(
        field,
        Refused.shown(value.isTextual() ? "\"" + value.textValue() + "\"" : value.toString()),
        "is not a decimal number; write it with a point and at most 2 decimals, such as 120.50");
  }

  private static Refused refused(String field, String shown, String why) {
    return Refused.invalid("invalid-amount", field + " " + shown + " " + why + ".");
  }
}
