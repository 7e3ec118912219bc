package dev.batuta.system;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.linearizability.Account;
import dev.batuta.linearizability.Account.Change;
import dev.batuta.linearizability.Linearizability;
import dev.batuta.linearizability.Operation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * What clients saw, and what the ledger tells of it.
 *
 * @param unanswered how many had no answer in time; what became of them was learned later
 */
record Recorded(List<Operation> history, List<Account> ledger, int unanswered) {

  /** A line that says that it is linearizable; an error with the reason if it is not. */
  String verdict() {
    Linearizability.check(history, ledger)
        .ifPresent(
            wrong -> {
              throw new AssertionError(wrong);
            });
    return "%d operations on %d accounts with %d entries are linearizable; %d had no answer in time"
        .formatted(
            history.size(),
            ledger.size(),
            ledger.stream().mapToInt(account -> account.changes().size()).sum(),
            unanswered);
  }

  /** Fails if the check does not refuse it. */
  void assertRefused() {
    if (Linearizability.check(history, ledger).isEmpty()) {
      throw new AssertionError("the check finds nothing in a history with a fault");
    }
  }

  /** The same with one fault each: an effect lost, one doubled, a read of what is long over. */
  List<Recorded> doctored() {
    Account account = ledger.getFirst();
    List<Change> changes = account.changes();
    List<Change> lost = changes.subList(0, changes.size() - 1);
    Change last = changes.getLast();
    List<Change> doubled = new ArrayList<>(changes);
    doubled.add(new Change(last.task(), last.amount(), last.balance().add(last.amount())));
    return List.of(with(account, lost), with(account, doubled), withAStaleRead());
  }

  private Recorded with(Account account, List<Change> changes) {
    List<Account> all = new ArrayList<>(ledger);
    all.set(all.indexOf(account), new Account(account.user(), account.overdraft(), changes));
    return new Recorded(history, all, unanswered);
  }

  /** The last balance that was asked for is answered with one that no account has at the end. */
  private Recorded withAStaleRead() {
    Operation read =
        history.stream()
            .filter(operation -> operation.payload() instanceof Query)
            .filter(operation -> operation.answeredNanos() != Operation.NEVER)
            .max(Comparator.comparingLong(Operation::calledNanos))
            .orElseThrow();
    Query query = (Query) read.payload();
    Account account =
        ledger.stream().filter(each -> each.user().equals(query.user())).findFirst().orElseThrow();
    BigDecimal opening = account.changes().getFirst().balance();
    Result result = Objects.requireNonNull(read.result());
    Operation stale =
        new Operation(
            read.task(),
            query,
            read.calledNanos(),
            read.answeredNanos(),
            new Result(result.status(), opening.toPlainString(), result.error()));
    List<Operation> all = new ArrayList<>(history);
    all.removeIf(Predicate.isEqual(read));
    all.add(stale);
    return new Recorded(all, ledger, unanswered);
  }
}
