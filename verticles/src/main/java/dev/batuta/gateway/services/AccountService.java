package dev.batuta.gateway.services;

import dev.batuta.codec.Refused;
import dev.batuta.identity.Caller;
import dev.batuta.identity.UserName;
import dev.batuta.ledger.Account;
import dev.batuta.ledger.AmountRules;
import dev.batuta.ledger.AmountRules.Sign;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.Entry;
import dev.batuta.ledger.LedgerStore;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The ledger: accounts, their entries, the audit. Every user reads accounts; only admins open and
 * audit them. Any thread may ask.
 */
public final class AccountService {
  private final LedgerStore ledger;

  public AccountService(LedgerStore ledger) {
    this.ledger = ledger;
  }

  /**
   * A page of a list.
   *
   * @param next for the page after it, null at the end
   */
  public record Listed<T>(List<T> items, @Nullable String next) {
    private static <T> Listed<T> page(List<T> items, int limit, Function<T, String> place) {
      return new Listed<>(items, items.size() < limit ? null : place.apply(items.getLast()));
    }
  }

  /** Opens an account; CONFLICT if there is one of that user. */
  public Future<Account> create(
      Caller caller, String user, BigDecimal balance, BigDecimal overdraft) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return ledger.create(
              UserName.checkedOfAccount("user", user),
              checked("balance", balance),
              checked("overdraft", overdraft));
        });
  }

  private static BigDecimal checked(String field, BigDecimal amount) {
    String shown = Refused.shown(amount.toString());
    return new BigDecimal(AmountRules.checked(field, amount, shown, Sign.NOT_NEGATIVE));
  }

  /** The account of a user. */
  public Future<Account> read(Caller caller, String user) {
    return ledger
        .account(user)
        .map(
            found ->
                found.orElseThrow(
                    () ->
                        Refused.notFound(
                            "account-not-found",
                            "There is no account \""
                                + Refused.shown(user)
                                + "\"; GET /api/v1/accounts lists them.")));
  }

  /** The account of a user as a list, which is empty if there is none. */
  public Future<Listed<Account>> find(Caller caller, String user) {
    return ledger.account(user).map(found -> new Listed<>(found.stream().toList(), null));
  }

  /** A page of accounts in the order of their users. */
  public Future<Listed<Account>> list(Caller caller, @Nullable String after, int limit) {
    return ledger
        .accounts(after, limit)
        .map(accounts -> Listed.page(accounts, limit, Account::user));
  }

  /** A page of the changes of an account, the oldest first. */
  public Future<Listed<Entry>> entries(
      Caller caller, String user, @Nullable String after, int limit) {
    return Thrown.asFailure(
        () -> {
          long from = PageStart.after(after);
          return read(caller, user)
              .compose(account -> ledger.entries(user, from, limit))
              .map(entries -> Listed.page(entries, limit, e -> Long.toString(e.number())));
        });
  }

  /** Whether every balance is what its entries say. */
  public Future<Audit> audit(Caller caller) {
    return Thrown.asFailure(
        () -> {
          caller.checkAdmin();
          return ledger.audit();
        });
  }
}
