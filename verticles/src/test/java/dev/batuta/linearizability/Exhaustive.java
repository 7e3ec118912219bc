package dev.batuta.linearizability;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.linearizability.Account.Change;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tries every order of a small history (Wing and Gong 1993, with the memory of Lowe 2017): what
 * {@link Linearizability} is compared with.
 */
final class Exhaustive {
  private final List<Operation> history;
  private final Map<String, Account> accounts = new HashMap<>();
  private final Set<Integer> failed = new HashSet<>();

  private Exhaustive(List<Operation> history, List<Account> ledger) {
    this.history = history;
    ledger.forEach(account -> accounts.put(account.user(), account));
  }

  /** Whether some order explains all reads, with the changes in the order of their entries. */
  static boolean explains(List<Operation> history, List<Account> ledger) {
    return new Exhaustive(history, ledger).from(0);
  }

  /** Whether the rest can follow those of a set, which have happened. */
  private boolean from(int happened) {
    if (happened == (1 << history.size()) - 1) {
      return true;
    }
    if (failed.contains(happened)) {
      return false;
    }
    for (int i = 0; i < history.size(); i++) {
      if ((happened & 1 << i) == 0 && mayFollow(i, happened) && from(happened | 1 << i)) {
        return true;
      }
    }
    failed.add(happened);
    return false;
  }

  private boolean mayFollow(int next, int happened) {
    Operation operation = history.get(next);
    for (int i = 0; i < history.size(); i++) {
      boolean before = history.get(i).answeredNanos() < operation.calledNanos();
      if ((happened & 1 << i) == 0 && before) {
        return false;
      }
    }
    boolean writes = false;
    for (String user : operation.users()) {
      List<Change> changes = changes(user);
      int place = places(operation, changes);
      writes |= place > 0;
      if (place > 0 && place != done(user, happened)) {
        return false;
      }
    }
    Result result = operation.result();
    if (writes || result == null || result.balance() == null) {
      return true;
    }
    Change last = changes(operation.user()).get(done(operation.user(), happened) - 1);
    return last.balance().compareTo(new BigDecimal(result.balance())) == 0;
  }

  private List<Change> changes(String user) {
    return java.util.Objects.requireNonNull(accounts.get(user)).changes();
  }

  private static int places(Operation operation, List<Change> changes) {
    for (int i = 1; i < changes.size(); i++) {
      if (changes.get(i).task().equals(operation.task())) {
        return i;
      }
    }
    return 0;
  }

  /** Entries of an account that have happened, the opening one among them. */
  private int done(String user, int happened) {
    int done = 1;
    for (int i = 0; i < history.size(); i++) {
      if ((happened & 1 << i) != 0 && places(history.get(i), changes(user)) > 0) {
        done++;
      }
    }
    return done;
  }
}
