package dev.batuta.linearizability;

import java.math.BigDecimal;
import java.util.List;

/**
 * An account as the ledger tells its story.
 *
 * @param changes in the order of their numbers, the first of them the opening balance
 */
public record Account(String user, BigDecimal overdraft, List<Change> changes) {

  /**
   * One entry.
   *
   * @param task id of the task that caused it
   * @param balance after it
   */
  public record Change(String task, BigDecimal amount, BigDecimal balance) {}
}
