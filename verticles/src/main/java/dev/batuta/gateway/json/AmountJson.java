package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.codec.Refused;
import dev.batuta.ledger.AmountRules;
import dev.batuta.ledger.AmountRules.Sign;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Amounts of money at the door: texts or numbers on the way in, which {@link AmountRules} judges,
 * and texts with two decimals everywhere else.
 */
public final class AmountJson {
  private AmountJson() {}

  /**
   * The amount in a field.
   *
   * @param field its name, for the sentence of a refusal
   * @return with exactly two decimals
   */
  public static String read(String field, JsonNode value, Sign sign) {
    return AmountRules.checked(field, parse(field, value), Refused.shown(value.asText()), sign);
  }

  /** An amount of the ledger as it goes out. */
  public static String text(BigDecimal amount) {
    return amount.setScale(2, RoundingMode.UNNECESSARY).toPlainString();
  }

  private static BigDecimal parse(String field, JsonNode value) {
    if (value.isNumber()) {
      return value.decimalValue();
    }
    if (value.isTextual() && AmountRules.isDecimal(value.textValue())) {
      return new BigDecimal(value.textValue());
    }
    throw AmountRules.notDecimal(
        field,
        Refused.shown(value.isTextual() ? "\"" + value.textValue() + "\"" : value.toString()));
  }
}
