package dev.batuta.election;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.Database;
import dev.batuta.database.DatabaseLink;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.EpochStore.Claim;
import io.vertx.core.Vertx;
import java.time.Duration;
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
    long epoch = ((Claim.Won) await(store.claim("a", 0xABCD, 0))).epoch();
    DATABASE.killConnectionHolding("batuta-abcd");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              await(store.renew(epoch, 0xABCD));
              return DATABASE.lockHolder("batuta-abcd").isPresent();
            });
    assertThat(await(store.renew(epoch, 0xABCD))).isTrue();
    await(store.release(epoch, 0xABCD));
    await(store.close());
  }

  @Test
  void aHolderWhoseConnectionWasCutWithoutAnybodyNoticingTakesItsLockBack() {
    Vertx vertx = Vertx.vertx();
    try (DatabaseLink link = DatabaseLink.to(DATABASE.address())) {
      Database database = Database.connect(vertx, link.address(), 2);
      EpochStore store = new MySqlEpochStore(database);
      long epoch = ((Claim.Won) await(store.claim("a", 0xAAAA, 0))).epoch();
      long before = DATABASE.lockHolder("batuta-aaaa").orElseThrow();
      link.mute();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(
              () ->
                  await(store.renew(epoch, 0xAAAA))
                      && DATABASE.lockHolder("batuta-aaaa").filter(id -> id != before).isPresent());
      await(store.release(epoch, 0xAAAA));
      await(store.close());
    } finally {
      await(vertx.close());
    }
  }
}
