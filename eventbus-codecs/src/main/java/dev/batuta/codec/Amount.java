package dev.batuta.codec;

import dev.batuta.codec.TaskMessage.Operation;

/**
 * Amounts of money as tasks have them: texts of at most 17 digits, with or without a point and one
 * or two more. DECIMAL(19,2) holds all of them, and so does what the ledger keeps.
 */
public final class Amount {
  public static final int MAX_WHOLE_DIGITS = 17;
  public static final int MAX_DECIMALS = 2;

  private Amount() {}

  /** Whether a text is an amount; there are none below 0. */
  public static boolean isAmount(String text) {
    int point = text.indexOf('.');
    int whole = point < 0 ? text.length() : point;
    int decimals = text.length() - whole - 1;
    if (whole < 1 || whole > MAX_WHOLE_DIGITS) {
      return false;
    }
    if (point >= 0 && (decimals < 1 || decimals > MAX_DECIMALS)) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char digit = text.charAt(i);
      if (i != point && (digit < '0' || digit > '9')) {
        return false;
      }
    }
    return true;
  }

  /** Whether an operation can have this text as its amount; only a SET can have 0. */
  public static boolean isFor(Operation operation, String text) {
    return isAmount(text) && (operation == Operation.SET || !isZero(text));
  }

  private static boolean isZero(String amount) {
    for (int i = 0; i < amount.length(); i++) {
      char digit = amount.charAt(i);
      if (digit != '0' && digit != '.') {
        return false;
      }
    }
    return true;
  }
}
