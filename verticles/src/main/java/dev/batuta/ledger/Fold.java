package dev.batuta.ledger;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import io.vertx.core.json.JsonArray;
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
 */
final class Fold {
  /** The greatest DECIMAL(19,2). */
  static final BigDecimal LIMIT = new BigDecimal("99999999999999999.99");

  private final SortedMap<String, Sum> accounts = new TreeMap<>();
  private final JsonArray tasks = new JsonArray();
  private final Set<Long> ids = new HashSet<>();
  private boolean retried;
  private boolean oneByOne;

  /** One account. */
  private static final class Sum {
    BigDecimal constant = BigDecimal.ZERO.setScale(2);
    int factor = 1;
    int entries;
    @Nullable BigDecimal least;
    @Nullable BigDecimal most;
    @Nullable BigDecimal floor;

    /** Notes what must hold for the balance as it is now. */
    void check(Operation operation) {
      if (operation == Operation.WITHDRAW) {
        if (factor == 1) {
          least = least == null ? constant : least.min(constant);
        } else {
          floor = floor == null ? constant : floor.min(constant);
        }
      } else if (factor == 1) {
        most = most == null ? constant : most.max(constant);
      }
    }
  }

  private Fold() {}

  /** Of assignments in their order; a second one of the same task is left out. */
  static Fold of(List<Assignment> assignments) {
    Fold fold = new Fold();
    assignments.forEach(fold::add);
    return fold;
  }

  private void add(Assignment assignment) {
    if (!ids.add(assignment.id())) {
      return;
    }
    retried |= assignment.attempt() > 1;
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
    tasks.add(
        start(assignment, user, "QUERY")
            .addNull()
            .addNull()
            .addNull()
            .addNull()
            .add(sum.constant.toPlainString())
            .add(sum.factor)
            .add(0));
  }

  private void update(Assignment assignment, String user, Operation operation, String text) {
    Sum sum = sum(user);
    BigDecimal amount = Amounts.parse(operation, text);
    if (amount == null) {
      oneByOne = true;
      tasks.add(
          start(assignment, user, operation.name())
              .addNull()
              .add(Amounts.complaint(operation, text)));
      return;
    }
    JsonArray row = start(assignment, user, operation.name()).add(amount.toPlainString()).addNull();
    tasks.add(change(row, sum, operation, amount));
  }

  /** Two rows, of which the first, the payer's, is the task's, and names the payee at its end. */
  private void transfer(Assignment assignment, String from, String to, String text) {
    Sum payer = sum(from);
    Sum payee = sum(to);
    BigDecimal amount = Amounts.parse(Operation.WITHDRAW, text);
    JsonArray row = start(assignment, from, "TRANSFER");
    if (amount == null || from.equals(to)) {
      oneByOne = true;
      tasks.add(
          row.addNull()
              .add(
                  amount == null
                      ? Amounts.complaint(Operation.WITHDRAW, text)
                      : "the payer and the payee are the same user, " + from));
      return;
    }
    row.add(amount.toPlainString()).addNull();
    tasks.add(change(row, payer, Operation.WITHDRAW, amount).add(to));
    JsonArray other = start(assignment, to, "CREDIT").addNull().addNull();
    tasks.add(change(other, payee, Operation.DEPOSIT, amount));
  }

  /** Adds a change to an account, and what it is to the row. */
  private JsonArray change(JsonArray row, Sum sum, Operation operation, BigDecimal amount) {
    BigDecimal before = sum.constant;
    int factorBefore = sum.factor;
    switch (operation) {
      case SET -> {
        sum.constant = amount;
        sum.factor = 0;
      }
      case DEPOSIT -> sum.constant = before.add(amount);
      case WITHDRAW -> sum.constant = before.subtract(amount);
    }
    sum.entries++;
    sum.check(operation);
    oneByOne |= sum.constant.abs().compareTo(LIMIT) > 0;
    return row.add(sum.constant.subtract(before).toPlainString())
        .add(sum.factor - factorBefore)
        .add(sum.constant.toPlainString())
        .add(sum.factor)
        .add(sum.entries);
  }

  private static JsonArray start(Assignment assignment, String user, String operation) {
    return new JsonArray().add(assignment.id()).add(assignment.attempt()).add(user).add(operation);
  }

  /** In the order of users, which is the order in which they are locked. */
  String accounts() {
    JsonArray rows = new JsonArray();
    accounts.forEach(
        (user, sum) ->
            rows.add(
                new JsonArray()
                    .add(user)
                    .add(text(sum.least))
                    .add(text(sum.most))
                    .add(text(sum.floor))
                    .add(sum.constant.toPlainString())
                    .add(sum.factor)
                    .add(sum.entries)));
    return rows.encode();
  }

  private static @Nullable String text(@Nullable BigDecimal number) {
    return number == null ? null : number.toPlainString();
  }

  int accountCount() {
    return accounts.size();
  }

  String tasks() {
    return tasks.encode();
  }

  boolean retried() {
    return retried;
  }

  /** Whether a sum says already that not everything can be done. */
  boolean oneByOne() {
    return oneByOne;
  }
}
