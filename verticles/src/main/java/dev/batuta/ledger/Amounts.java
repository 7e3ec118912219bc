package dev.batuta.ledger;

import dev.batuta.codec.Amount;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.Text;

/** Arithmetic of {@link Amount}s. */
final class Amounts {
  private Amounts() {}

  /**
   * An amount in hundredths.
   *
   * @throws ArithmeticException if a long does not hold it
   */
  static long hundredths(String text) {
    int point = text.indexOf('.');
    long hundredths = 0;
    for (int i = 0; i < text.length(); i++) {
      if (i != point) {
        hundredths = Math.addExact(Math.multiplyExact(hundredths, 10), text.charAt(i) - '0');
      }
    }
    int decimals = point < 0 ? 0 : text.length() - point - 1;
    for (int i = decimals; i < 2; i++) {
      hundredths = Math.multiplyExact(hundredths, 10);
    }
    return hundredths;
  }

  /** Appends hundredths as a decimal with two decimals. */
  static StringBuilder append(long hundredths, StringBuilder text) {
    long whole = hundredths / 100;
    long rest = Math.abs(hundredths % 100);
    text.append(hundredths < 0 && whole == 0 ? "-" : "").append(whole).append('.');
    return text.append(rest < 10 ? "0" : "").append(rest);
  }

  static String complaint(Operation operation, String text) {
    return "the amount %s is not a decimal %s with at most two decimals"
        .formatted(
            Text.beginning(text, 40), operation == Operation.SET ? "of 0 or more" : "above 0");
  }
}
