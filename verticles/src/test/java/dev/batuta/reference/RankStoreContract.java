package dev.batuta.reference;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link RankStore} must do, on an empty database. */
abstract class RankStoreContract {
  abstract RankStore store();

  @Test
  void ranksAreGivenInOrderWithoutGapsAndKept() {
    RankStore store = store();
    assertThat(await(store.rank("b"))).isEqualTo(1);
    assertThat(await(store.rank("a"))).isEqualTo(2);
    assertThat(await(store.rank("b"))).isEqualTo(1);
    var asked = IntStream.range(0, 12).mapToObj(i -> store.rank("c" + i / 2)).toList();
    Future.all(asked).toCompletionStage().toCompletableFuture().join();
    Map<String, Integer> all = await(store.all());
    assertThat(all.values())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 8).boxed().toList());
    assertThat(all).containsEntry("b", 1).containsEntry("a", 2);
    assertThat(asked.get(0).result()).isEqualTo(asked.get(1).result());
  }
}
