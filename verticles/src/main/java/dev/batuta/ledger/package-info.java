/** Accounts, entries and the audit. */
@NullMarked
package dev.batuta.ledger;

import org.jspecify.annotations.NullMarked;
