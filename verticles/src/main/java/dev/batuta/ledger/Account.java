package dev.batuta.ledger;

import java.math.BigDecimal;

/**
 * An account.
 *
 * @param overdraft how far below zero the balance may go, zero or more
 */
public record Account(String user, BigDecimal balance, BigDecimal overdraft) {}
