package dev.batuta.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.ReferenceMessage.Server;
import org.junit.jupiter.api.Test;

class RegistryTest {
  private static final long TIMEOUT = 1_000;

  private final Registry registry = new Registry(TIMEOUT);

  @Test
  void aServerThatWasSilentForTheTimeoutIsNoLongerListedButKeepsItsRank() {
    registry.ranked("a", 7);
    registry.heard("a", "127.0.0.1:1", 5, 0);
    assertThat(registry.list(TIMEOUT - 1))
        .containsExactly(new Server("a", 7, "127.0.0.1:1", 5, TIMEOUT - 1));
    assertThat(registry.list(TIMEOUT)).isEmpty();
    assertThat(registry.rank("a")).hasValue(7);
    registry.heard("a", "127.0.0.1:2", 0, TIMEOUT);
    assertThat(registry.list(TIMEOUT)).containsExactly(new Server("a", 7, "127.0.0.1:2", 0, 0));
  }

  @Test
  void eachSignOfLifeCountsAnew() {
    registry.ranked("a", 1);
    registry.heard("a", "127.0.0.1:1", 0, 0);
    registry.heard("a", "127.0.0.1:1", 0, 900);
    assertThat(registry.list(1_899)).hasSize(1);
    assertThat(registry.list(1_900)).isEmpty();
  }

  @Test
  void serversAreListedByRankAndOnlyOnceTheyHaveOne() {
    registry.ranked("b", 1);
    registry.ranked("a", 2);
    registry.heard("a", "127.0.0.1:1", 0, 0);
    registry.heard("b", "127.0.0.1:2", 0, 0);
    registry.heard("c", "127.0.0.1:3", 0, 0);
    assertThat(registry.list(0)).extracting(Server::name).containsExactly("b", "a");
    assertThat(registry.rank("c")).isEmpty();
  }
}
