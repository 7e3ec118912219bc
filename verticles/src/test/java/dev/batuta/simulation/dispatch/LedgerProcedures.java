package dev.batuta.simulation.dispatch;

import dev.batuta.codec.Amount;
import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.ledger.Account;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.Entry;
import dev.batuta.simulation.dispatch.StoreModel.Ended;
import dev.batuta.simulation.dispatch.StoreModel.Row;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Accounts: each method is one transaction. */
final class LedgerProcedures {
  private static final BigDecimal LIMIT = new BigDecimal("99999999999999999.99");

  private static final class Sheet {
    final BigDecimal overdraft;
    final List<Entry> entries = new ArrayList<>();

    Sheet(BigDecimal overdraft) {
      this.overdraft = overdraft;
    }

    BigDecimal balance() {
      return entries.getLast().balance();
    }
  }

  private final StoreModel model;
  private final TreeMap<String, Sheet> sheets = new TreeMap<>();

  /** A user whose tasks the database refuses to execute, as a defect of ours would. */
  @Nullable String poison;

  LedgerProcedures(StoreModel model) {
    this.model = model;
  }

  List<Outcome> execute(String server, long term, String worker, List<Assignment> tasks) {
    model.guard(server, term);
    model.witness.executing(server, term, worker, tasks);
    if (tasks.stream().anyMatch(this::isPoison)) {
      throw new Refused(Kind.INTERNAL, "database-error", "The database refused a statement.");
    }
    Set<Long> seen = new HashSet<>();
    List<Assignment> all = tasks.stream().filter(task -> seen.add(task.id())).toList();
    for (Assignment task : all) {
      Row row = model.row(task.id());
      boolean present = row.ended == null && row.attempt == task.attempt();
      if (present || model.mutation == Mutation.ATTEMPTS_ARE_NOT_FENCED) {
        long at = model.now.getAsLong();
        Result result = result(task, at);
        model.end(row, new Ended(State.DONE, task.attempt(), worker, result, null, at, at), term);
      }
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Assignment task : all) {
      Ended ended = model.row(task.id()).ended;
      if (ended != null && ended.state() == State.DONE) {
        outcomes.add(
            new Outcome(
                task.id(),
                task.attempt(),
                true,
                ended.result(),
                null,
                ended.startedAtMillis(),
                ended.finishedAtMillis()));
      }
    }
    return outcomes;
  }

  private boolean isPoison(Assignment task) {
    return poison != null && poison.equals(user(task));
  }

  private static String user(Assignment task) {
    return switch (task.payload()) {
      case Query(var user) -> user;
      case Update(var user, var operation, var amount) -> user;
      case Transfer(var from, var to, var amount) -> from;
      case Compute _, External _, Custom _ ->
          throw new IllegalArgumentException(task.payload().kind() + " is not the ledger's");
    };
  }

  private Result result(Assignment task, long atMillis) {
    String user = user(task).stripTrailing();
    Sheet sheet = sheets.get(user);
    if (sheet == null) {
      return new Result(Status.NOK, null, "unknown user " + user);
    }
    return switch (task.payload()) {
      case Query _ -> new Result(Status.OK, sheet.balance().toPlainString(), null);
      case Update update -> update(task.id(), user, sheet, update, atMillis);
      case Transfer transfer -> transfer(task.id(), user, sheet, transfer, atMillis);
      case Compute _, External _, Custom _ -> throw new IllegalStateException();
    };
  }

  private Result transfer(long id, String user, Sheet payer, Transfer transfer, long atMillis) {
    BigDecimal before = payer.balance();
    String to = transfer.to().stripTrailing();
    if (!Amount.isFor(Operation.WITHDRAW, transfer.amount()) || to.equals(user)) {
      return refused(before, "the amount is not a decimal, or the payee is the payer");
    }
    Sheet payee = sheets.get(to);
    if (payee == null) {
      return refused(before, "unknown user " + to);
    }
    BigDecimal amount = new BigDecimal(transfer.amount()).setScale(2);
    BigDecimal after = before.subtract(amount);
    if (after.compareTo(payer.overdraft.negate()) < 0) {
      return refused(
          before,
          "insufficient funds: balance %s, overdraft %s, transfer %s"
              .formatted(before, payer.overdraft, amount));
    }
    BigDecimal received = payee.balance().add(amount);
    if (received.compareTo(LIMIT) > 0) {
      return refused(
          before,
          "the balance of %s would be %s, above the limit of %s".formatted(to, received, LIMIT));
    }
    enter(payer, id, amount.negate(), after, atMillis);
    model.witness.entered(id, user);
    enter(payee, id, amount, received, atMillis);
    model.witness.entered(id, to);
    return new Result(Status.OK, after.toPlainString(), null);
  }

  private Result update(long id, String user, Sheet sheet, Update update, long atMillis) {
    BigDecimal before = sheet.balance();
    if (!Amount.isFor(update.operation(), update.amount())) {
      return refused(before, "the amount " + update.amount() + " is not a decimal");
    }
    BigDecimal amount = new BigDecimal(update.amount()).setScale(2);
    BigDecimal after =
        switch (update.operation()) {
          case SET -> amount;
          case DEPOSIT -> before.add(amount);
          case WITHDRAW -> before.subtract(amount);
        };
    if (after.compareTo(before) < 0 && after.compareTo(sheet.overdraft.negate()) < 0) {
      return refused(
          before,
          "insufficient funds: balance %s, overdraft %s, withdrawal %s"
              .formatted(before, sheet.overdraft, amount));
    }
    if (after.compareTo(LIMIT) > 0) {
      return refused(before, "the balance would be " + after + ", above the limit of " + LIMIT);
    }
    enter(sheet, id, after.subtract(before), after, atMillis);
    model.witness.entered(id, user);
    return new Result(Status.OK, after.toPlainString(), null);
  }

  private static Result refused(BigDecimal balance, String why) {
    return new Result(Status.NOK, balance.toPlainString(), why);
  }

  private static void enter(
      Sheet sheet, long task, BigDecimal amount, BigDecimal balance, long atMillis) {
    Instant at = Instant.ofEpochMilli(atMillis);
    sheet.entries.add(new Entry(sheet.entries.size() + 1, task, amount, balance, at));
  }

  Account create(String user, BigDecimal balance, BigDecimal overdraft) {
    if (sheets.containsKey(user)) {
      throw new Refused(Kind.CONFLICT, "account-exists", "The account " + user + " exists.");
    }
    Sheet sheet = new Sheet(overdraft.setScale(2));
    BigDecimal opening = balance.setScale(2);
    enter(sheet, 0, opening, opening, model.now.getAsLong());
    sheets.put(user, sheet);
    return account(user).orElseThrow();
  }

  Optional<Account> account(String user) {
    return Optional.ofNullable(sheets.get(user))
        .map(sheet -> new Account(user, sheet.balance(), sheet.overdraft));
  }

  List<Account> accounts(String after, int limit) {
    return sheets.tailMap(after, false).keySet().stream()
        .limit(limit)
        .map(user -> account(user).orElseThrow())
        .toList();
  }

  List<Entry> entries(String user, long after, int limit) {
    Sheet sheet = sheets.get(user);
    return sheet == null
        ? List.of()
        : sheet.entries.stream().filter(entry -> entry.number() > after).limit(limit).toList();
  }

  Audit audit() {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal entries = BigDecimal.ZERO;
    for (Sheet sheet : sheets.values()) {
      total = total.add(sheet.balance());
      entries = sheet.entries.stream().map(Entry::amount).reduce(entries, BigDecimal::add);
    }
    return new Audit(total.compareTo(entries) == 0, sheets.size(), total, entries, List.of());
  }
}
