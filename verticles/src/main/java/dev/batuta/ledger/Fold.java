package dev.batuta.ledger;

import static dev.batuta.database.JsonText.quote;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a batch does to each account, added up without knowing a balance.
 *
 * <p>As long as nothing is refused, each balance on the way is {@code constant + factor * balance
 * before}, where factor is 1, or 0 after a SET. So the database needs to look at each account once,
 * see whether anything would be refused, and can then write the whole batch in a few statements.
 * Sums are in hundredths; one that a long does not hold, and whatever else is not usual, is left to
 * be executed task by task.
 */
final class Fold {
  /** The greatest DECIMAL(19,2). */
  static final BigDecimal LIMIT = new BigDecimal("99999999999999999.99");

  private static final int USUAL_LENGTH = 90;

  private final SortedMap<String, Sum> accounts = new TreeMap<>();
  private final StringBuilder tasks;
  private final Set<Long> ids = new HashSet<>();
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;
  private long most;
  private boolean updatesOnly = true;
  private boolean retried;
  private boolean oneByOne;

  /** One account. */
  private static final class Sum {
    long constant;
    int factor = 1;
    int entries;

    /** The lowest sum after a withdrawal from the balance that was there, null without one. */
    @Nullable Long least;
  }

  private Fold(int size) {
    tasks = new StringBuilder(size * USUAL_LENGTH).append('[');
  }

  /** Of assignments in their order; a second one of the same task is left out. */
  static Fold of(List<Assignment> assignments) {
    Fold fold = new Fold(assignments.size());
    assignments.forEach(fold::add);
    fold.tasks.append(']');
    return fold;
  }

  private void add(Assignment assignment) {
    if (!ids.add(assignment.id())) {
      return;
    }
    first = Math.min(first, assignment.id());
    last = Math.max(last, assignment.id());
    retried |= assignment.attempt() > 1;
    updatesOnly &= assignment.payload() instanceof Update;
    switch (assignment.payload()) {
      case Query(var user) -> query(assignment, key(user));
      case Update(var user, var operation, var amount) ->
          update(assignment, key(user), operation, amount);
      case Transfer(var from, var to, var amount) ->
          transfer(assignment, key(from), key(to), amount);
      case Compute _, External _, Custom _ ->
          throw new IllegalArgumentException(
              "task %d is %s, not the ledger's"
                  .formatted(assignment.id(), assignment.payload().kind()));
    }
  }

  /** The database compares without trailing blanks; so must the sums. */
  private static String key(String user) {
    int end = user.length();
    while (end > 0 && user.charAt(end - 1) == ' ') {
      end--;
    }
    return user.substring(0, end);
  }

  private Sum sum(String user) {
    return accounts.computeIfAbsent(user, _ -> new Sum());
  }

  private void query(Assignment assignment, String user) {
    Sum sum = sum(user);
    start(assignment, user, "QUERY").append(",null,null,null,null,");
    Amounts.append(sum.constant, tasks).append(',').append(sum.factor).append(",0]");
  }

  private void update(Assignment assignment, String user, Operation operation, String text) {
    Sum sum = sum(user);
    start(assignment, user, operation.name());
    if (!Amounts.isAmount(operation, text)) {
      refused(Amounts.complaint(operation, text));
      tasks.append(']');
      return;
    }
    quote(text, tasks.append(',')).append(",null");
    change(sum, operation, text);
    tasks.append(']');
  }

  /** Two rows, of which the first, the payer's, is the task's, and names the payee at its end. */
  private void transfer(Assignment assignment, String from, String to, String text) {
    Sum payer = sum(from);
    Sum payee = sum(to);
    start(assignment, from, "TRANSFER");
    if (!Amounts.isAmount(Operation.WITHDRAW, text) || from.equals(to)) {
      refused(
          from.equals(to)
              ? "the payer and the payee are the same user, " + from
              : Amounts.complaint(Operation.WITHDRAW, text));
      tasks.append(']');
      return;
    }
    quote(text, tasks.append(',')).append(",null");
    change(payer, Operation.WITHDRAW, text);
    quote(to, tasks.append(',')).append(']');
    start(assignment, to, "CREDIT").append(",null,null");
    change(payee, Operation.DEPOSIT, text);
    tasks.append(']');
  }

  private void refused(String complaint) {
    oneByOne = true;
    quote(complaint, tasks.append(",null,"));
  }

  /** Adds a change to an account, and what it is to the row. */
  private void change(Sum sum, Operation operation, String text) {
    long before = sum.constant;
    int factorBefore = sum.factor;
    try {
      long amount = Amounts.hundredths(text);
      switch (operation) {
        case SET -> {
          sum.constant = amount;
          sum.factor = 0;
        }
        case DEPOSIT -> sum.constant = Math.addExact(before, amount);
        case WITHDRAW -> sum.constant = Math.subtractExact(before, amount);
      }
      Amounts.append(Math.subtractExact(sum.constant, before), tasks.append(','));
    } catch (ArithmeticException tooLarge) {
      oneByOne = true;
      tasks.append(",null");
    }
    sum.entries++;
    check(sum, operation);
    tasks.append(',').append(sum.factor - factorBefore).append(',');
    Amounts.append(sum.constant, tasks).append(',').append(sum.factor);
    tasks.append(',').append(sum.entries);
  }

  /** Notes what must hold for the balance as it is now. */
  private void check(Sum sum, Operation operation) {
    if (operation == Operation.WITHDRAW) {
      Long least = sum.least;
      if (sum.factor == 1) {
        sum.least = least == null ? sum.constant : Math.min(least, sum.constant);
      } else {
        oneByOne |= sum.constant < 0;
      }
    } else if (sum.factor == 1) {
      most = Math.max(most, sum.constant);
    }
  }

  private StringBuilder start(Assignment assignment, String user, String operation) {
    tasks.append(tasks.length() > 1 ? ",[" : "[").append(assignment.id());
    tasks.append(',').append(assignment.attempt()).append(',');
    return quote(user, tasks).append(",\"").append(operation).append('"');
  }

  /** In the order of users, which is the order in which they are locked. */
  String accounts() {
    StringBuilder rows = new StringBuilder(accounts.size() * USUAL_LENGTH).append('[');
    accounts.forEach(
        (user, sum) -> {
          quote(user, rows.append(rows.length() > 1 ? ",[" : "["));
          Long least = sum.least;
          if (least == null) {
            rows.append(",null,");
          } else {
            Amounts.append(least, rows.append(',')).append(',');
          }
          Amounts.append(sum.constant, rows).append(',').append(sum.factor);
          rows.append(',').append(sum.entries).append(']');
        });
    return rows.append(']').toString();
  }

  int accountCount() {
    return accounts.size();
  }

  /** The highest sum that is added to a balance that was there. */
  BigDecimal most() {
    return BigDecimal.valueOf(most, 2);
  }

  String tasks() {
    return tasks.toString();
  }

  /** The first id when these are UPDATE tasks of consecutive ids, without a gap; else null. */
  @Nullable Long denseFrom() {
    return updatesOnly && last - first + 1 == ids.size() ? first : null;
  }

  /** The number of tasks. */
  int count() {
    return ids.size();
  }

  boolean retried() {
    return retried;
  }

  /** Whether a sum says already that not everything can be done, or can be so. */
  boolean oneByOne() {
    return oneByOne;
  }
}
