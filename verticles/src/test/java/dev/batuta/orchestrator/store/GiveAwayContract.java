package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.task.TaskId;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do when a server that lives gives its tasks to another one. */
abstract class GiveAwayContract extends TaskStoreFixture {
  private final String heir = "heir-" + UUID.randomUUID();

  /** Lets the database see a server live. */
  abstract void live(String server);

  @BeforeEach
  void bothLive() {
    live(server);
    live(heir);
  }

  private long openHeir() {
    return await(store.open(heir)).term();
  }

  private List<Pending> unfinished(String of) {
    return await(store.unfinished(of, 0, 100));
  }

  @Test
  void whatWaitsGoesToTheHeirAtTheAttemptThatItHas() {
    long heirs = openHeir();
    long first = open().term();
    long older = accept(first, 1, QUERY).getFirst();
    long term = open().term();
    List<Long> ids = accept(term, 1, QUERY, DEPOSIT, DEPOSIT, DEPOSIT);
    await(store.noteDispatching(server, term, new Scope.All(), ids.get(2)));
    await(store.noteDispatching(server, term, new Scope.Priority(5), ids.get(3)));
    await(store.complete(server, term, List.of(done(ids.get(0), 1))));
    await(store.giveUp(server, term, List.of(new GivenUp(ids.get(1), 1, "silent"))));

    assertThat(await(store.giveAway(server, term, heir))).isTrue();

    assertThat(await(store.read(ids))).allSatisfy(task -> assertThat(task.owner()).isEqualTo(heir));
    Opened again = open();
    assertThat(again.counts().values()).containsOnly(0L);
    assertThat(unfinished(server)).isEmpty();
    assertThat(await(store.standing(server)).heirOf()).isEmpty();
    assertThat(await(store.standing(heir)).heirOf()).as("it is back already").isEmpty();
    assertThat(new Opened(heirs, await(store.adopt(heir, heirs))).counts())
        .containsEntry(State.DONE, 1L)
        .containsEntry(State.FAILED, 1L)
        .containsEntry(State.PENDING, 3L);
    assertThat(unfinished(heir))
        .extracting(Pending::id, Pending::attempt)
        .containsExactlyInAnyOrder(
            tuple(older, 1), tuple(ids.get(1), 2), tuple(ids.get(2), 1), tuple(ids.get(3), 1));
    assertThat(await(store.complete(heir, heirs, List.of(done(ids.get(1), 2), done(older, 1)))))
        .isEmpty();
  }

  @Test
  void theTermThatGaveIsOverAndAnOldOneGivesNothing() {
    openHeir();
    long old = open().term();
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    await(store.noteDispatching(server, term, new Scope.All(), id));
    assertRefused(store.giveAway(server, old, heir), Kind.FENCED);
    assertThat(await(store.read(id)).orElseThrow().owner()).isEqualTo(server);
    assertThat(await(store.giveAway(server, term, heir))).isTrue();
    assertRefused(
        store.accept(server, term, "alice", null, TaskId.of(term, 2), List.of(DEPOSIT)),
        Kind.FENCED);
    assertRefused(store.complete(server, term, List.of(done(id, 1))), Kind.FENCED);
    assertRefused(store.giveUp(server, term, List.of(new GivenUp(id, 1, "x"))), Kind.FENCED);
    assertRefused(store.noteDispatching(server, term, new Scope.All(), id), Kind.FENCED);
    // A repeated call, because its answer was lost, tells the same.
    assertRefused(store.giveAway(server, term, heir), Kind.FENCED);
    assertThat(await(store.read(id)).orElseThrow().attempt()).isEqualTo(1);
  }

  @Test
  void withoutAnOpenQueueNobodyIsAnHeirAndNothingIsLost() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    await(store.noteDispatching(server, term, new Scope.All(), id));
    assertThat(await(store.giveAway(server, term, heir))).isFalse();
    assertThat(await(store.giveAway(server, term, server))).as("to itself").isFalse();
    assertThat(await(store.standing(server)).term()).isEqualTo(term);
    assertThat(await(store.read(id)).orElseThrow().owner()).isEqualTo(server);
    open();
    assertThat(unfinished(server)).extracting(Pending::attempt).containsExactly(1);
  }

  @Test
  void aKeyGivesTheSameTasksAtTheHeirAndAtTheServerThatGaveThem() {
    long heirs = openHeir();
    long term = open().term();
    Accepted first =
        await(store.accept(server, term, "alice", "k", TaskId.of(term, 1), List.of(DEPOSIT)));
    await(store.giveAway(server, term, heir));
    long next = open().term();
    for (Accepted again :
        List.of(
            await(store.accept(heir, heirs, "alice", "k", TaskId.of(heirs, 1), List.of(DEPOSIT))),
            await(
                store.accept(server, next, "alice", "k", TaskId.of(next, 1), List.of(DEPOSIT))))) {
      assertThat(again.ids()).isEqualTo(first.ids());
      assertThat(again.repeated()).isTrue();
    }
    assertRefused(
        store.accept(heir, heirs, "alice", "k", TaskId.of(heirs, 1), List.of(QUERY)),
        Kind.CONFLICT);
  }

  @Test
  void whatTheHeirGivesOnCostsNoAttemptEither() {
    long heirs = openHeir();
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    await(store.giveAway(server, term, heir));
    await(store.adopt(heir, heirs));
    await(store.noteDispatching(heir, heirs, new Scope.All(), id));
    long next = open().term();
    assertThat(await(store.giveAway(heir, heirs, server))).isTrue();
    await(store.adopt(server, next));
    assertThat(unfinished(server))
        .extracting(Pending::id, Pending::attempt)
        .containsExactly(tuple(id, 1));
  }
}
