package dev.batuta.gateway.foreign;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Outcome;
import java.math.BigDecimal;

/** What foreign workers claim, beside what the ledger says. Pure. */
final class Claims {
  private Claims() {}

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
        && balance.compareTo(new BigDecimal(result.balance())) != 0;
  }
}
