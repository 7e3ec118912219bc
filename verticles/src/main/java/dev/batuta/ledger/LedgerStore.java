package dev.batuta.ledger;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.identity.UserName;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Accounts, their entries, and the tasks that read and change them. */
public interface LedgerStore {
  /**
   * Executes QUERY, UPDATE and TRANSFER tasks in their order. Effect and outcome are one
   * transaction, guarded by the term of the queue and the attempt of each task. A task that has an
   * outcome is not executed again: the recorded one is answered. So a call may be repeated.
   *
   * <p>What only the ledger knows (unknown user, insufficient funds, overflow of the balance) is an
   * outcome too, with status {@code NOK}.
   *
   * @param tasks 500 are a good number
   * @return outcomes, all recorded; a task whose attempt is not the present one is left out. Fails
   *     with FENCED when the term is not the one in force.
   */
  Future<List<Outcome>> execute(String server, long term, String worker, List<Assignment> tasks);

  /**
   * A task, and the worker whose it is.
   *
   * @param worker at most 64 characters
   */
  record OfWorker(String worker, Assignment task) {}

  /** As {@link #execute}, for tasks of many workers in one transaction. */
  Future<List<Outcome>> executeOfMany(String server, long term, List<OfWorker> tasks);

  /**
   * Opens an account; fails with CONFLICT ({@code account-exists}).
   *
   * @param user one that {@link UserName} has let pass
   * @param balance as the overdraft one that {@link AmountRules} has let pass
   */
  Future<Account> create(String user, BigDecimal balance, BigDecimal overdraft);

  Future<Optional<Account>> account(String user);

  /** A page in the order of users, after {@code after}. */
  Future<List<Account>> accounts(@Nullable String after, int limit);

  /** A page of the entries of an account in the order of their numbers, after {@code after}. */
  Future<List<Entry>> entries(String user, long after, int limit);

  Future<Audit> audit();

  /** Opens the demonstration accounts, 100.00 each, where they are missing. */
  Future<Void> seedDemo();
}
