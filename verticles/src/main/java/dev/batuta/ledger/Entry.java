package dev.batuta.ledger;

import java.math.BigDecimal;
import java.time.Instant;

/**
 * One change of one account.
 *
 * @param number 1, 2, 3, .. within the account, in the order in which they took effect
 * @param task that caused it, 0 for the opening balance
 * @param balance after it
 * @param at by the clock of the database
 */
public record Entry(long number, long task, BigDecimal amount, BigDecimal balance, Instant at) {}
