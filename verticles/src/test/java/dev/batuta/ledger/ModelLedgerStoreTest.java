package dev.batuta.ledger;

import dev.batuta.dispatchsimulation.Link;
import dev.batuta.dispatchsimulation.ModelLedgerStore;
import dev.batuta.dispatchsimulation.ModelTaskStore;
import dev.batuta.dispatchsimulation.StoreModel;
import dev.batuta.orchestrator.TaskStore;

/** What the simulation takes for the database keeps the contract of the database. */
final class ModelLedgerStoreTest extends LedgerStoreContract {
  private final StoreModel model = new StoreModel();
  private final LedgerStore ledger = new ModelLedgerStore(model, Link.INSTANT);
  private final TaskStore tasks = new ModelTaskStore(model, Link.INSTANT);

  @Override
  LedgerStore ledger() {
    return ledger;
  }

  @Override
  TaskStore tasks() {
    return tasks;
  }
}
