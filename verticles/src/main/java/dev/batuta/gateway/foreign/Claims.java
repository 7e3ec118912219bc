package dev.batuta.gateway.foreign;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * What foreign workers claim, beside what they were told and what the ledger says. Pure, safe on
 * any thread.
 */
final class Claims {
  private static final BigDecimal HALF_A_CENT = new BigDecimal("0.005");
  private static final Pattern NUMBER = Pattern.compile("[0-9][0-9 ./-]*");
  private static final Pattern NO_DIGIT = Pattern.compile("[^0-9]");
  private static final Pattern LEADING_ZEROS = Pattern.compile("^0+(?=.)");

  private Claims() {}

  /**
   * Whether a claim can be about a task: what it says of the task must be true, and it need not say
   * anything. Where it has the task's id it may say the rest as it likes, unless it names another
   * account.
   */
  static boolean isOf(Assignment task, Said.Result claimed) {
    String user = claimed.user();
    String account = Words.user(task.payload());
    if (claimed.taskId() != null) {
      return claimed.taskId().equals(Long.toString(task.id()))
          && (user == null || !isAnother(user, account));
    }
    return !namesOtherwise(task, claimed);
  }

  /** Whether it says something else of its task than the worker was told. */
  static boolean namesOtherwise(Assignment task, Said.Result claimed) {
    String kind = claimed.task();
    String user = claimed.user();
    return (kind != null && !kind.equalsIgnoreCase(task.payload().kind()))
        || (user != null && !isSame(user, Words.user(task.payload())));
  }

  /** Some write the number of an account as a number, or with its dots and dashes. */
  private static boolean isSame(String user, String account) {
    return digits(user).equals(digits(account));
  }

  /** Whether it can only be meant as the other account; a person's name is none. */
  private static boolean isAnother(String user, String account) {
    return !isSame(user, account) && isNumber(user) == isNumber(account);
  }

  private static boolean isNumber(String user) {
    return NUMBER.matcher(user).matches();
  }

  private static String digits(String user) {
    String text = user.strip();
    return isNumber(text)
        ? LEADING_ZEROS.matcher(NO_DIGIT.matcher(text).replaceAll("")).replaceAll("")
        : text;
  }

  /** Whether a claim is not the ledger's outcome; what it leaves out it does not claim. */
  static boolean differ(Said.Result claimed, Outcome outcome) {
    Result result = outcome.result();
    if (result == null) {
      return false;
    }
    if (claimed.ok() != (result.status() == Status.OK)) {
      return true;
    }
    BigDecimal balance = claimed.balance();
    return claimed.ok()
        && balance != null
        && result.balance() != null
        && !isWithinHalfACent(balance, new BigDecimal(result.balance()));
  }

  /**
   * A float is seldom the cent that it stands for. Nothing is added to what is claimed:
   * 1e999999999.
   */
  private static boolean isWithinHalfACent(BigDecimal claimed, BigDecimal balance) {
    return claimed.compareTo(balance.subtract(HALF_A_CENT)) > 0
        && claimed.compareTo(balance.add(HALF_A_CENT)) < 0;
  }
}
