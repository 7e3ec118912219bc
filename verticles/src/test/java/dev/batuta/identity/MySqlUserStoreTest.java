package dev.batuta.identity;

import dev.batuta.database.TestDatabase;
import org.junit.jupiter.api.AfterAll;

final class MySqlUserStoreTest extends UserStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  UserStore store() {
    return new MySqlUserStore(DATABASE.database());
  }
}
