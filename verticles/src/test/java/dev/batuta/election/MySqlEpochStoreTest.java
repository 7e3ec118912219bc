package dev.batuta.election;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.TestDatabase;
import dev.batuta.election.EpochStore.Claim;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class MySqlEpochStoreTest extends EpochStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  EpochStore another() {
    return new MySqlEpochStore(DATABASE.database());
  }

  @Override
  void lengthenLease() {
    DATABASE.execute("UPDATE epoch SET renewed_at = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR");
  }

  @Test
  void aHolderThatLostItsLockTakesItAgainWhenItRenews() {
    EpochStore store = another();
    long epoch = ((Claim.Won) await(store.claim("a", 0xABCD))).epoch();
    DATABASE.killConnectionHolding("batuta-abcd");
    Awaitility.await()
        .until(
            () -> {
              await(store.renew(epoch, 0xABCD));
              return DATABASE.lockHolder("batuta-abcd").isPresent();
            });
    assertThat(await(store.renew(epoch, 0xABCD))).isTrue();
    await(store.release(epoch, 0xABCD));
    await(store.close());
  }
}
