package dev.batuta.ledger;

import dev.batuta.codec.TaskMessage.Operation;
import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Amounts as the ledger takes them. What a submission was checked for is checked once more. */
final class Amounts {
  private static final Pattern DECIMAL = Pattern.compile("\\d{1,17}(\\.\\d{1,2})?");

  private Amounts() {}

  /** With two decimals; null if the ledger cannot take it. */
  static @Nullable BigDecimal parse(Operation operation, String text) {
    if (!DECIMAL.matcher(text).matches()) {
      return null;
    }
    BigDecimal amount = new BigDecimal(text).setScale(2);
    return amount.signum() == 0 && operation != Operation.SET ? null : amount;
  }

  static String complaint(Operation operation, String text) {
    String shown = text.length() > 40 ? text.substring(0, 40) + ".." : text;
    return "the amount %s is not a decimal %s with at most two decimals"
        .formatted(shown, operation == Operation.SET ? "of 0 or more" : "above 0");
  }
}
