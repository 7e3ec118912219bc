package dev.batuta.simulation.dispatch;

import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.ledger.Account;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.Entry;
import dev.batuta.ledger.LedgerStore;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@link LedgerStore} on a {@link StoreModel}, over a link that may be bad. */
public final class ModelLedgerStore implements LedgerStore {
  private final Link link;
  private final LedgerProcedures ledger;

  public ModelLedgerStore(StoreModel model, Link link) {
    this(new LedgerProcedures(model), link);
  }

  ModelLedgerStore(LedgerProcedures ledger, Link link) {
    this.ledger = ledger;
    this.link = link;
  }

  private <T> Future<T> write(Supplier<T> transaction) {
    return link.write(() -> Transactions.one(transaction));
  }

  @Override
  public Future<List<Outcome>> execute(
      String server, long term, String worker, List<Assignment> tasks) {
    return write(() -> ledger.execute(server, term, worker, tasks));
  }

  @Override
  public Future<List<Outcome>> executeOfMany(String server, long term, List<OfWorker> tasks) {
    return write(
        () ->
            tasks.stream()
                .flatMap(
                    each ->
                        ledger.execute(server, term, each.worker(), List.of(each.task())).stream())
                .toList());
  }

  @Override
  public Future<Account> create(String user, BigDecimal balance, BigDecimal overdraft) {
    return write(() -> ledger.create(user, balance, overdraft));
  }

  @Override
  public Future<Optional<Account>> account(String user) {
    return link.read(() -> ledger.account(user));
  }

  @Override
  public Future<List<Account>> accounts(@Nullable String after, int limit) {
    return link.read(() -> ledger.accounts(after == null ? "" : after, limit));
  }

  @Override
  public Future<List<Entry>> entries(String user, long after, int limit) {
    return link.read(() -> ledger.entries(user, after, limit));
  }

  @Override
  public Future<Audit> audit() {
    return link.read(ledger::audit);
  }

  @Override
  public Future<Void> seedDemo() {
    return write(
            () -> {
              for (String user :
                  List.of("11111111111", "22222222222", "33333333333", "44444444444")) {
                if (ledger.account(user).isEmpty()) {
                  ledger.create(user, new BigDecimal("100"), BigDecimal.ZERO);
                }
              }
              return true;
            })
        .mapEmpty();
  }
}
