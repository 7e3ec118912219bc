package dev.batuta.orchestrator;

import dev.batuta.database.TestDatabase;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;

final class MySqlTaskStoreTest extends TaskStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  TaskStore store() {
    return new MySqlTaskStore(DATABASE.database());
  }

  @Override
  void ageKeys(Duration by) {
    DATABASE.execute(
        "UPDATE idempotency_key SET created_at = created_at - INTERVAL "
            + by.toSeconds()
            + " SECOND");
  }
}
