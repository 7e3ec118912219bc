package dev.batuta.ledger;

import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.simulation.dispatch.Link;
import dev.batuta.simulation.dispatch.ModelLedgerStore;
import dev.batuta.simulation.dispatch.ModelTaskStore;
import dev.batuta.simulation.dispatch.StoreModel;

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
