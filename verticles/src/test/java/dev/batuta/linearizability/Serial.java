package dev.batuta.linearizability;

import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.linearizability.Account.Change;
import dev.batuta.linearizability.Linearizability.Step;
import dev.batuta.linearizability.Linearizability.Wrong;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts steps into an order, each between its call and its answer, with the changes of each account
 * in the order of its entries.
 *
 * <p>The one that is answered first of those that are left is the next that must happen; all that
 * are called before that answer may happen before it. If it reads a balance, its account has to get
 * there, and no further; if it changes one, the changes before it have to happen. So only changes
 * that must happen do, and whatever may read the balances in between has read them by then.
 */
final class Serial {
  /** An account on its way from its opening balance to its last. */
  private static final class Walk {
    final Account account;
    final List<Step> changes = new ArrayList<>();

    /** Reads that may happen now, by the balance that they saw. */
    final Map<BigDecimal, List<Step>> ready = new HashMap<>();

    int done;

    Walk(Account account) {
      this.account = account;
    }

    BigDecimal balance() {
      return account.changes().get(done).balance().stripTrailingZeros();
    }
  }

  private final List<Step> byCall;
  private final TreeSet<Step> left =
      new TreeSet<>(
          Comparator.<Step>comparingLong(step -> step.operation().answeredNanos())
              .thenComparing(step -> step.operation().task()));
  private final Map<String, Walk> walks = new HashMap<>();
  private final Set<Step> underWay = new HashSet<>();
  private int called;
  private long untilNanos;

  /**
   * @param byCall in the order of their calls
   */
  Serial(List<Step> byCall, Map<String, Account> accounts) {
    this.byCall = byCall;
    left.addAll(byCall);
    accounts.forEach((user, account) -> walks.put(user, new Walk(account)));
    Map<String, Step> writes = new HashMap<>();
    byCall.stream().filter(Step::writes).forEach(s -> writes.put(s.operation().task(), s));
    for (Walk walk : walks.values()) {
      List<Change> changes = walk.account.changes();
      for (Change change : changes.subList(1, changes.size())) {
        Step step = writes.get(change.task());
        if (step == null) {
          throw new Wrong("nobody asked for " + change);
        }
        walk.changes.add(step);
      }
    }
  }

  void run() {
    while (!left.isEmpty()) {
      Step next = left.first();
      untilNanos = next.operation().answeredNanos();
      admit();
      if (!left.contains(next)) {
        continue;
      }
      if (next.writes()) {
        change(next);
      } else {
        read(next);
      }
    }
  }

  /** What is called by now may happen; what reads a balance that is there now does. */
  private void admit() {
    while (called < byCall.size() && byCall.get(called).operation().calledNanos() <= untilNanos) {
      Step step = byCall.get(called++);
      if (!step.writes()) {
        Walk walk = walk(step.operation().user());
        walk.ready.computeIfAbsent(saw(step), none -> new ArrayList<>()).add(step);
        readAll(walk);
      }
    }
  }

  private static BigDecimal saw(Step step) {
    return step.saw().orElseThrow().stripTrailingZeros();
  }

  private Walk walk(String user) {
    Walk walk = walks.get(user);
    if (walk == null) {
      throw new Wrong("a balance of " + user + " was answered, who has no account");
    }
    return walk;
  }

  private void readAll(Walk walk) {
    List<Step> readers = walk.ready.remove(walk.balance());
    if (readers != null) {
      readers.forEach(step -> left.remove(allowed(step, walk)));
    }
  }

  /** A refusal is only right for a balance that does not suffice. */
  private static Step allowed(Step step, Walk walk) {
    BigDecimal least = walk.account.overdraft().negate();
    BigDecimal wanted =
        switch (step.operation().payload()) {
          case Update(var user, var what, var amount)
              when what == dev.batuta.codec.TaskMessage.Operation.WITHDRAW ->
              new BigDecimal(amount);
          case Transfer(var from, var to, var amount) -> new BigDecimal(amount);
          default -> null;
        };
    boolean suffices = wanted != null && walk.balance().subtract(wanted).compareTo(least) >= 0;
    if (suffices || (wanted == null && !(step.operation().payload() instanceof Query))) {
      throw new Wrong(step.operation().shown() + " was refused with " + walk.balance());
    }
    return step;
  }

  private void read(Step reader) {
    Walk walk = walk(reader.operation().user());
    int from = walk.done;
    while (left.contains(reader)) {
      if (walk.done == walk.changes.size()) {
        throw new Wrong(
            "%s was answered with %s, which %s never was after entry %d, within its time"
                .formatted(reader.operation().shown(), saw(reader), walk.account.user(), from + 1));
      }
      change(walk.changes.get(walk.done));
    }
  }

  /** Lets a change happen, and first those of its accounts that come before it. */
  private void change(Step step) {
    if (!underWay.add(step)) {
      throw new Wrong("the order of entries goes round in a circle at " + step.operation().shown());
    }
    if (step.operation().calledNanos() > untilNanos) {
      throw new Wrong(
          "%s took effect before it was called: before one that had been answered by then, %s"
              .formatted(step.operation().shown(), left.first().operation().shown()));
    }
    for (String user : step.operation().users()) {
      Walk walk = walk(user);
      while (!walk.changes.get(walk.done).equals(step)) {
        change(walk.changes.get(walk.done));
      }
    }
    left.remove(step);
    for (String user : step.operation().users()) {
      Walk walk = walk(user);
      walk.done++;
    }
    BigDecimal after = walk(step.operation().user()).balance();
    if (step.saw().isPresent() && saw(step).compareTo(after) != 0) {
      throw new Wrong(
          "%s was answered with %s and made %s"
              .formatted(step.operation().shown(), saw(step), after));
    }
    step.operation().users().forEach(user -> readAll(walk(user)));
  }
}
