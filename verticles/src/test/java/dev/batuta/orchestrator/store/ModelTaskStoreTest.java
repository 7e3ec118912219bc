package dev.batuta.orchestrator.store;

import dev.batuta.simulation.dispatch.Link;
import dev.batuta.simulation.dispatch.ModelTaskStore;
import dev.batuta.simulation.dispatch.StoreModel;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** What the simulation takes for the database keeps the contracts of the database. */
final class ModelTaskStoreTest {
  @Nested
  final class Acceptance extends TaskAcceptanceContract {
    private final StoreModel model = new StoreModel();

    @Override
    TaskStore newStore() {
      return new ModelTaskStore(model, Link.INSTANT);
    }

    @Override
    void ageKeys(Duration by) {
      model.ageKeys(by.toMillis());
    }
  }

  @Nested
  final class End extends TaskEndContract {
    @Override
    TaskStore newStore() {
      return new ModelTaskStore(new StoreModel(), Link.INSTANT);
    }
  }

  @Nested
  final class Control extends TaskControlContract {
    @Override
    TaskStore newStore() {
      return new ModelTaskStore(new StoreModel(), Link.INSTANT);
    }
  }

  @Nested
  final class Queue extends QueueContract {
    @Override
    TaskStore newStore() {
      return new ModelTaskStore(new StoreModel(), Link.INSTANT);
    }
  }

  @Nested
  final class GiveAway extends GiveAwayContract {
    @Override
    TaskStore newStore() {
      return new ModelTaskStore(new StoreModel(), Link.INSTANT);
    }

    /** There are no leases here. */
    @Override
    void live(String server) {}
  }
}
