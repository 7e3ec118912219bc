package dev.batuta.ledger;

import dev.batuta.codec.Amount;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Operation;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which amounts of money a request may name, judged for every door: exact decimals with at most two
 * decimals within DECIMAL(19,2), not below 0, and above 0 where they are moved.
 */
public final class AmountRules {
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,40}(\\.[0-9]{1,40})?");
  private static final String RANGE = "-99999999999999999.99 to 99999999999999999.99";

  private AmountRules() {}

  /** Which amounts a field takes. */
  public enum Sign {
    NOT_NEGATIVE,
    POSITIVE;

    /** Only what is set may be 0. */
    public static Sign of(Operation operation) {
      return operation == Operation.SET ? NOT_NEGATIVE : POSITIVE;
    }
  }

  /** Whether people may write an amount so: with digits and a point, exactly. */
  public static boolean isDecimal(String text) {
    return DECIMAL.matcher(text).matches();
  }

  /**
   * The amount as tasks have it, with exactly two decimals.
   *
   * @param field its name, for the sentence of a refusal
   * @param shown the value as it is repeated there
   */
  public static String checked(String field, BigDecimal amount, String shown, Sign sign) {
    String complaint = complaint(amount, sign);
    if (complaint != null) {
      throw refused(field, shown, complaint);
    }
    return amount.setScale(2, RoundingMode.UNNECESSARY).toPlainString();
  }

  /** Why a text is no {@link Amount} for an operation, which it is not. */
  public static Refused refusal(String field, Operation operation, String text) {
    String shown = Refused.shown(text);
    String complaint = isDecimal(text) ? complaint(new BigDecimal(text), Sign.of(operation)) : null;
    return complaint == null
        ? notDecimal(field, "\"" + shown + "\"")
        : refused(field, shown, complaint);
  }

  /** The refusal of what is no decimal number. */
  public static Refused notDecimal(String field, String shown) {
    return refused(
        field,
        shown,
        "is not a decimal number; write it with a point and at most 2 decimals, such as 120.50");
  }

  private static @Nullable String complaint(BigDecimal amount, Sign sign) {
    if (amount.signum() != 0
        && amount.precision() - (long) amount.scale() > Amount.MAX_WHOLE_DIGITS) {
      return "is out of range; use one within " + RANGE;
    }
    if (amount.scale() > Amount.MAX_DECIMALS) {
      return "has more than 2 decimals; use at most 2, such as 120.50";
    }
    if (amount.signum() < 0) {
      return "is negative; use one that is "
          + (sign == Sign.POSITIVE ? "above" : "at least")
          + " 0";
    }
    return sign == Sign.POSITIVE && amount.signum() == 0
        ? "is not above 0; use at least 0.01"
        : null;
  }

  private static Refused refused(String field, String shown, String why) {
    return Refused.invalid("invalid-amount", field + " " + shown + " " + why + ".");
  }
}
