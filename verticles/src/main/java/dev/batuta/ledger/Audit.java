package dev.batuta.ledger;

import java.math.BigDecimal;
import java.util.List;

/**
 * Each balance recomputed from its entries.
 *
 * @param total of the balances
 * @param entriesTotal of the amounts of all entries
 * @param differences at most a thousand
 */
public record Audit(
    boolean ok,
    long accounts,
    BigDecimal total,
    BigDecimal entriesTotal,
    List<Difference> differences) {

  /** An account whose balance is not the sum of its entries. */
  public record Difference(String user, BigDecimal balance, BigDecimal entries) {}
}
