package dev.batuta.gateway.platform;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class MySqlRegistrationStoreTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private final RegistrationStore store = new MySqlRegistrationStore(DATABASE.database());

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  private static Registration worker(String id, int port) {
    return new Registration(id, "fe80:0:0:0:0:0:0:1%eth0", "10.1.2.3", port);
  }

  @Test
  void theLastRegistrationOfAWorkerIsKeptForItsGateway() {
    await(store.keep("g-1", worker("w", 1)));
    await(store.keep("g-1", worker("w ", 2)));
    await(store.keep("g-1", worker("W", 3)));
    await(store.keep("g-1", worker("ação €𝄞", 4)));
    await(store.keep("g-2", worker("w", 5)));
    await(store.keep("g-1", worker("w", 65_535)));

    assertThat(await(store.all("g-1", 10)))
        .containsExactlyInAnyOrder(
            worker("w", 65_535), worker("w ", 2), worker("W", 3), worker("ação €𝄞", 4));
    assertThat(await(store.all("g-1", 3))).hasSize(3);

    await(store.forget("g-1", "w"));
    await(store.forget("g-1", "nobody"));
    assertThat(await(store.all("g-1", 10)))
        .containsExactlyInAnyOrder(worker("w ", 2), worker("W", 3), worker("ação €𝄞", 4));
    assertThat(await(store.all("g-2", 10))).containsExactly(worker("w", 5));
    assertThat(await(store.all("g-3", 10))).isEmpty();
  }
}
