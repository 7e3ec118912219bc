package dev.batuta.linearizability;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.linearizability.Account.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whether a history of operations on accounts is linearizable (Herlihy and Wing 1990): whether they
 * can be put into one order, the same for all accounts, that explains each answer and in which none
 * comes before one that was answered before it was called. As transfers change two accounts at one
 * instant, all accounts are looked at together.
 *
 * <p>In general that is a search (Wing and Gong 1993, Lowe 2017). Here the ledger itself names a
 * witness: the entries of an account are numbered in the order in which they took effect. With the
 * order of the writes known, reads can be placed greedily (Gibbons and Korach 1997, "Testing shared
 * memories", section 4), in time of order n log n: {@link Serial} lets changes happen only when an
 * operation that must come now needs them, and reads as soon as they may, so that no choice is ever
 * to be taken back.
 */
public final class Linearizability {
  private final Map<String, Operation> operations = new TreeMap<>();
  private final Map<String, Account> accounts = new TreeMap<>();
  private final Map<Operation, Set<String>> changed = new HashMap<>();

  private Linearizability(Collection<Operation> history, Collection<Account> ledger) {
    for (Operation operation : history) {
      if (operations.put(operation.task(), operation) != null) {
        throw new Wrong("two clients were answered with " + operation.shown());
      }
    }
    ledger.forEach(account -> accounts.put(account.user(), account));
  }

  /** What shows that a history is not linearizable. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong(String what) {
      super(what, null, false, false);
    }
  }

  /**
   * Checks a history against the ledger.
   *
   * @param history all that any client asked
   * @param ledger all accounts, after all of it
   * @return why it is not linearizable; empty if it is
   */
  public static Optional<String> check(Collection<Operation> history, Collection<Account> ledger) {
    try {
      Linearizability check = new Linearizability(history, ledger);
      check.accounts.values().forEach(check::entries);
      check.operations.values().forEach(check::effect);
      new Serial(check.relevant(), check.accounts).run();
      return Optional.empty();
    } catch (Wrong wrong) {
      return Optional.of(Objects.requireNonNull(wrong.getMessage()));
    }
  }

  /** Each entry is what its operation does to the balance before it, and no operation has two. */
  private void entries(Account account) {
    BigDecimal before = account.changes().getFirst().balance();
    for (Change change : account.changes().subList(1, account.changes().size())) {
      Operation operation = operations.get(change.task());
      if (operation == null) {
        throw new Wrong("nobody asked for %s of %s".formatted(change, account.user()));
      }
      if (!changed.computeIfAbsent(operation, none -> new HashSet<>()).add(account.user())) {
        throw new Wrong("%s changed %s twice".formatted(operation.shown(), account.user()));
      }
      BigDecimal after = after(operation, account.user(), before);
      if (after.compareTo(change.balance()) != 0
          || after.subtract(before).compareTo(change.amount()) != 0) {
        throw new Wrong(
            "%s on %s with %s made %s"
                .formatted(operation.shown(), account.user(), before, change));
      }
      boolean reduced =
          operation.user().equals(account.user())
              && after.compareTo(before) < 0
              && !isSet(operation);
      if (reduced && after.compareTo(account.overdraft().negate()) < 0) {
        throw new Wrong("%s overdrew %s: %s".formatted(operation.shown(), account.user(), change));
      }
      before = after;
    }
  }

  private static boolean isSet(Operation operation) {
    return operation.payload() instanceof Update(var user, var what, var amount)
        && what == dev.batuta.codec.TaskMessage.Operation.SET;
  }

  private static BigDecimal after(Operation operation, String user, BigDecimal before) {
    return switch (operation.payload()) {
      case Update(var of, var what, var text) -> {
        BigDecimal amount = new BigDecimal(text);
        yield !of.equals(user)
            ? before
            : switch (what) {
              case SET -> amount;
              case DEPOSIT -> before.add(amount);
              case WITHDRAW -> before.subtract(amount);
            };
      }
      case Transfer(var from, var to, var text) -> {
        BigDecimal amount = new BigDecimal(text);
        yield from.equals(user)
            ? before.subtract(amount)
            : to.equals(user) ? before.add(amount) : before;
      }
      default -> before;
    };
  }

  /** What was answered as done has all its entries, what was refused none, no transfer half. */
  private void effect(Operation operation) {
    Set<String> on = changed.getOrDefault(operation, Set.of());
    Set<String> all = Set.copyOf(operation.users());
    if (!on.isEmpty() && !on.equals(all)) {
      throw new Wrong(operation.shown() + " took effect on " + on + " only");
    }
    Result result = operation.result();
    if (result != null && !(operation.payload() instanceof Query)) {
      boolean done = result.status() == Status.OK;
      if (done && on.isEmpty()) {
        throw new Wrong(operation.shown() + " was answered with OK and has no entry: it is lost");
      }
      if (!done && !on.isEmpty()) {
        throw new Wrong(operation.shown() + " was refused and has an entry");
      }
    }
  }

  /** Those that have to be in the order: all that changed something, and all that saw a balance. */
  private List<Step> relevant() {
    List<Step> steps = new ArrayList<>();
    for (Operation operation : operations.values()) {
      boolean writes = changed.containsKey(operation);
      Result result = operation.result();
      String balance = result == null ? null : result.balance();
      if (writes || balance != null) {
        steps.add(new Step(operation, writes, Optional.ofNullable(balance).map(BigDecimal::new)));
      }
    }
    steps.sort(Comparator.comparingLong(step -> step.operation().calledNanos()));
    return steps;
  }

  /**
   * One operation in the order.
   *
   * @param writes whether it changes what it looks at
   * @param saw the balance that it was answered with: after its own change, if it makes one
   */
  record Step(Operation operation, boolean writes, Optional<BigDecimal> saw) {}
}
