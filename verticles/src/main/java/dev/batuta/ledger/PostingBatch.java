package dev.batuta.ledger;

import static dev.batuta.database.JsonText.quote;

import dev.batuta.codec.Amount;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.ledger.LedgerStore.OfWorker;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
final class PostingBatch {
  private static final int USUAL_LENGTH = 90;

  private final SortedMap<String, Sum> accounts = new TreeMap<>();
  private final List<Line> lines;
  private final SortedSet<Long> ids = new TreeSet<>();

  /** By task, where they are of many workers. */
  private final Map<Long, String> workers = new HashMap<>();

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

  /**
   * What one task does to one account; a transfer is two of them.
   *
   * @param amount as the task has it, null where it has none that is good
   * @param change what is added to the account
   * @param number counts the entries of the account, 0 for none
   */
  private record Line(
      Assignment task,
      String user,
      String operation,
      @Nullable String amount,
      @Nullable String error,
      long change,
      int changeFactor,
      long constant,
      int factor,
      int number,
      @Nullable String payee,
      Sum sum) {}

  private PostingBatch(int size) {
    lines = new ArrayList<>(size);
  }

  /** Of assignments in their order; a second one of the same task is left out. */
  static PostingBatch of(List<Assignment> assignments) {
    PostingBatch fold = new PostingBatch(assignments.size());
    assignments.forEach(fold::add);
    return fold;
  }

  /** As {@link #of}, each task with its worker. */
  static PostingBatch ofMany(List<OfWorker> tasks) {
    PostingBatch fold = new PostingBatch(tasks.size());
    for (OfWorker each : tasks) {
      fold.workers.putIfAbsent(each.task().id(), each.worker());
      fold.add(each.task());
    }
    return fold;
  }

  private void add(Assignment assignment) {
    if (!ids.add(assignment.id())) {
      return;
    }
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

  private void query(Assignment task, String user) {
    Sum sum = sum(user);
    lines.add(
        new Line(task, user, "QUERY", null, null, 0, 0, sum.constant, sum.factor, 0, null, sum));
  }

  private void update(Assignment task, String user, Operation operation, String text) {
    if (Amount.isFor(operation, text)) {
      change(task, user, operation.name(), operation, text, null);
    } else {
      refuse(task, user, operation.name(), Amounts.complaint(operation, text));
    }
  }

  /** Two lines, of which the first, the payer's, is the task's, and names the payee. */
  private void transfer(Assignment task, String from, String to, String text) {
    sum(to);
    if (from.equals(to)) {
      refuse(task, from, "TRANSFER", "the payer and the payee are the same user, " + from);
    } else if (!Amount.isFor(Operation.WITHDRAW, text)) {
      refuse(task, from, "TRANSFER", Amounts.complaint(Operation.WITHDRAW, text));
    } else {
      change(task, from, "TRANSFER", Operation.WITHDRAW, text, to);
      change(task, to, "CREDIT", Operation.DEPOSIT, text, null);
    }
  }

  private void refuse(Assignment task, String user, String operation, String complaint) {
    oneByOne = true;
    Sum sum = sum(user);
    lines.add(new Line(task, user, operation, null, complaint, 0, 0, 0, 0, 0, null, sum));
  }

  private void change(
      Assignment task,
      String user,
      String name,
      Operation operation,
      String text,
      @Nullable String payee) {
    Sum sum = sum(user);
    long before = sum.constant;
    int factorBefore = sum.factor;
    long change = 0;
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
      change = Math.subtractExact(sum.constant, before);
    } catch (ArithmeticException tooLarge) {
      oneByOne = true;
    }
    sum.entries++;
    check(sum, operation);
    lines.add(
        new Line(
            task,
            user,
            name,
            text,
            null,
            change,
            sum.factor - factorBefore,
            sum.constant,
            sum.factor,
            sum.entries,
            payee,
            sum));
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

  /** For {@code execute_tasks}, in the order of users, which is the order of locking. */
  String accounts() {
    Rows rows = new Rows(accounts.size());
    accounts.forEach(
        (user, sum) -> {
          quote(user, rows.begin()).append(',');
          least(sum, rows.json).append(',');
          Amounts.append(sum.constant, rows.json).append(',').append(sum.factor);
          rows.json.append(',').append(sum.entries).append(']');
        });
    return rows.end();
  }

  private static StringBuilder least(Sum sum, StringBuilder json) {
    Long least = sum.least;
    return least == null ? json.append("null") : Amounts.append(least, json);
  }

  /** For {@code execute_updates}, in the order of users, which is the order of locking. */
  String updatedAccounts() {
    Rows rows = new Rows(accounts.size());
    accounts.forEach(
        (user, sum) -> {
          quote(user, rows.begin()).append(',');
          Amounts.append(sum.constant, rows.json).append(',').append(sum.entries);
          if (sum.factor != 1 || sum.least != null) {
            least(sum, rows.json.append(',').append(sum.factor).append(','));
          }
          rows.json.append(']');
        });
    return rows.end();
  }

  int accountCount() {
    return accounts.size();
  }

  /** The highest sum that is added to a balance that was there. */
  BigDecimal most() {
    return BigDecimal.valueOf(most, 2);
  }

  /** For {@code execute_tasks}, in their order. */
  String tasks() {
    Rows rows = new Rows(lines.size());
    for (Line line : lines) {
      StringBuilder json = rows.begin().append(line.task.id());
      quote(line.user, json.append(',').append(line.task.attempt()).append(','));
      text(line.amount, json.append(",\"").append(line.operation).append("\","));
      text(line.error, json.append(','));
      Amounts.append(line.change, json.append(',')).append(',').append(line.changeFactor);
      Amounts.append(line.constant, json.append(',')).append(',').append(line.factor);
      text(line.payee, json.append(',').append(line.number).append(','));
      if (!workers.isEmpty()) {
        text(workers.get(line.task.id()), json.append(','));
      }
      json.append(']');
    }
    return rows.end();
  }

  /** For {@code execute_updates}: ids, less the first. */
  String places() {
    long first = first();
    return ids.stream()
        .map(id -> Long.toString(id - first))
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** For {@code execute_updates}, in their order. */
  String updates() {
    Rows rows = new Rows(lines.size());
    long first = first();
    for (Line line : lines) {
      StringBuilder json = rows.begin().append(line.task.id() - first).append(',');
      Amounts.append(line.change, quote(line.user, json).append(','));
      Amounts.append(line.constant, json.append(','));
      int later = line.sum.entries - line.number;
      boolean set = line.factor != 1 || line.changeFactor != 0;
      if (later > 0 || set) {
        json.append(',').append(later);
      }
      if (set) {
        json.append(',').append(line.factor).append(',').append(line.changeFactor);
      }
      json.append(']');
    }
    return rows.end();
  }

  /** An array of arrays. */
  private static final class Rows {
    final StringBuilder json;

    Rows(int count) {
      json = new StringBuilder(count * USUAL_LENGTH).append('[');
    }

    StringBuilder begin() {
      return json.append(json.length() > 1 ? ",[" : "[");
    }

    String end() {
      return json.append(']').toString();
    }
  }

  private static StringBuilder text(@Nullable String value, StringBuilder json) {
    return value == null ? json.append("null") : quote(value, json);
  }

  /** Whether these are first attempts of UPDATE tasks, and nothing says that one would fail. */
  boolean isPlain() {
    return updatesOnly && !retried && !oneByOne;
  }

  SortedSet<Long> ids() {
    return ids;
  }

  long first() {
    return ids.getFirst();
  }

  long last() {
    return ids.getLast();
  }

  boolean retried() {
    return retried;
  }

  /** Whether a sum says already that not everything can be done, or can be so. */
  boolean oneByOne() {
    return oneByOne;
  }
}
