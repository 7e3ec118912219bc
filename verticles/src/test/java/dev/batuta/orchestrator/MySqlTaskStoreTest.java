package dev.batuta.orchestrator;

import dev.batuta.database.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;

final class MySqlTaskStoreTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  private static TaskStore newStore() {
    return new MySqlTaskStore(DATABASE.database());
  }

  @Nested
  final class Acceptance extends TaskAcceptanceContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }

    @Override
    void ageKeys(Duration by) {
      DATABASE.execute(
          "UPDATE idempotency_key SET created_at = created_at - INTERVAL "
              + by.toSeconds()
              + " SECOND");
    }
  }

  @Nested
  final class End extends TaskEndContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }
  }

  @Nested
  final class Queue extends QueueContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }
  }
}
