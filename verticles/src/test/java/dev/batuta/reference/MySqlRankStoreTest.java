package dev.batuta.reference;

import dev.batuta.database.TestDatabase;
import org.junit.jupiter.api.AfterAll;

final class MySqlRankStoreTest extends RankStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  RankStore store() {
    return new MySqlRankStore(DATABASE.database());
  }
}
