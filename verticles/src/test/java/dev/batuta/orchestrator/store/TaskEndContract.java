package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.GaveUp;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do when attempts and tasks end. */
abstract class TaskEndContract extends TaskStoreFixture {
  @Test
  void aResultOfJsonIsKeptAsItIs() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    String json = "{\"a\": \"é\\n\\\"x\\\"\", \"b\": [1.50, null]}";
    Completion done =
        new Completion(id, 1, State.DONE, "W1", Result.ofJson(json), null, 1_700_000_000_123L);
    assertThat(await(store.complete(server, term, List.of(done)))).isEmpty();
    assertThat(await(store.complete(server, term, List.of(done)))).isEmpty();
    Task task = await(store.read(id)).orElseThrow();
    assertThat(task.result()).isEqualTo(Result.ofJson(json));
    assertThat(task.state()).isEqualTo(State.DONE);
    assertThat(task.error()).isNull();
  }

  @Test
  void anEndWithoutAResultHasNone() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    Completion done = new Completion(id, 1, State.DONE, "W1", null, null, 1_700_000_000_123L);
    await(store.complete(server, term, List.of(done)));
    assertThat(await(store.read(id)).orElseThrow().result()).isNull();
  }

  @Test
  void anEndIsRecordedOnceAndMayBeRepeated() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    assertThat(await(store.complete(server, term, List.of(done(id, 1))))).isEmpty();
    assertThat(await(store.complete(server, term, List.of(done(id, 1))))).isEmpty();
    Completion other = new Completion(id, 1, State.CANCELLED, null, null, "cancelled", 0);
    assertThat(await(store.complete(server, term, List.of(other)))).containsExactly(id);
    Task task = await(store.read(id)).orElseThrow();
    assertThat(task.state()).isEqualTo(State.DONE);
    assertThat(task.worker()).isEqualTo("W1");
    assertThat(task.result()).isEqualTo(new Result(Status.OK, "1.50", null));
    assertThat(task.error()).isNull();
    assertThat(task.startedAtMillis()).isEqualTo(1_700_000_000_123L);
    assertThat(task.finishedAtMillis()).isPositive();
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void aLateResultOfAnOlderAttemptIsRefusedAndTheOthersOfItsBatchAreNot() {
    long term = open().term();
    List<Long> ids = accept(term, 1, DEPOSIT, QUERY);
    List<GaveUp> next =
        await(
            store.giveUp(
                server, term, List.of(new GivenUp(ids.getFirst(), 1, "worker W1 is gone"))));
    assertThat(next).containsExactly(new GaveUp(ids.getFirst(), State.FAILED, 2));
    Task failed = await(store.read(ids.getFirst())).orElseThrow();
    assertThat(failed.state()).isEqualTo(State.FAILED);
    assertThat(failed.error()).isEqualTo("worker W1 is gone");
    assertThat(
            await(store.complete(server, term, List.of(done(ids.get(0), 1), done(ids.get(1), 1)))))
        .containsExactly(ids.getFirst());
    assertThat(await(store.complete(server, term, List.of(done(ids.getFirst(), 2))))).isEmpty();
    Task task = await(store.read(ids.getFirst())).orElseThrow();
    assertThat(task.state()).isEqualTo(State.DONE);
    assertThat(task.attempt()).isEqualTo(2);
  }

  @Test
  void givingUpAgainChangesNothingAndAttemptsRunOut() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    GivenUp first = new GivenUp(id, 1, "first");
    assertThat(await(store.giveUp(server, term, List.of(first))))
        .isEqualTo(await(store.giveUp(server, term, List.of(first))));
    await(store.giveUp(server, term, List.of(new GivenUp(id, 2, "second"))));
    assertThat(await(store.giveUp(server, term, List.of(new GivenUp(id, 3, "third")))))
        .containsExactly(new GaveUp(id, State.DEAD, 3));
    Task dead = await(store.read(id)).orElseThrow();
    assertThat(dead.state()).isEqualTo(State.DEAD);
    assertThat(dead.error()).isEqualTo("third");
    assertThat(dead.attempt()).isEqualTo(3);
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void whatHasEndedCannotBeGivenUp() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    await(store.complete(server, term, List.of(done(id, 1))));
    assertThat(await(store.giveUp(server, term, List.of(new GivenUp(id, 1, "late")))))
        .containsExactly(new GaveUp(id, State.DONE, 1));
    assertThat(await(store.read(id)).orElseThrow().state()).isEqualTo(State.DONE);
  }
}
