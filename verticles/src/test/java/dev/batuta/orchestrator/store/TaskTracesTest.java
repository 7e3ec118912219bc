package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.TestDatabase;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.orchestrator.store.TaskStore.RetryOutcome;
import dev.batuta.task.TaskId;
import io.vertx.sqlclient.Tuple;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Where submissions are in traces, as the database keeps it. */
class TaskTracesTest extends TaskStoreFixture {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final String ONE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String OTHER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  @Override
  TaskStore newStore() {
    return new MySqlTaskStore(DATABASE.database());
  }

  private Accepted accept(
      long term, @Nullable String key, long first, List<NewTask> tasks, List<@Nullable String> at) {
    return await(store.accept(server, term, "alice", key, TaskId.of(term, first), tasks, at));
  }

  private static List<@Nullable String> traceparents(List<Task> tasks) {
    return tasks.stream().map(Task::traceparent).toList();
  }

  @Test
  void tasksOfOneSubmissionShareItsPlaceHoweverTheyAreRead() {
    long term = open().term();
    List<Long> ids =
        accept(term, null, 1, List.of(DEPOSIT, DEPOSIT), Collections.nCopies(2, ONE)).ids();

    assertThat(await(store.read(ids.getFirst())).orElseThrow().traceparent()).isEqualTo(ONE);
    assertThat(traceparents(await(store.read(ids)))).containsExactly(ONE, ONE);
    Filter all = new Filter("alice", null, null);
    assertThat(await(store.list(all, ids.getFirst() - 1, 2)).items())
        .extracting(Task::traceparent)
        .containsExactly(ONE, ONE);
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::traceparent)
        .containsExactly(ONE, ONE);
    assertThat(await(store.unfinished(server, List.of("QUERY"), 0, 10)))
        .extracting(Pending::traceparent)
        .containsExactly(ONE, ONE);
  }

  @Test
  void submissionsOfSeveralPlacesShareACall() {
    long term = open().term();
    List<NewTask> tasks = List.of(DEPOSIT, DEPOSIT, DEPOSIT, QUERY);
    List<Long> ids = accept(term, null, 1, tasks, Arrays.asList(ONE, null, OTHER, null)).ids();

    assertThat(traceparents(await(store.read(ids)))).containsExactly(ONE, null, OTHER, null);
    assertThat(await(store.read(ids))).extracting(Task::payload).contains(DEPOSIT.payload());
  }

  @Test
  void aKeyStandsForTheSameTasksInWhateverTrace() {
    long term = open().term();
    List<NewTask> tasks = List.of(DEPOSIT, DEPOSIT);
    List<Long> ids = accept(term, "key", 1, tasks, Collections.nCopies(2, ONE)).ids();

    Accepted again = accept(term, "key", 11, tasks, Collections.nCopies(2, OTHER));
    Accepted without = accept(term, "key", 21, tasks, List.of());

    assertThat(again.ids()).isEqualTo(ids);
    assertThat(without.ids()).isEqualTo(ids);
    assertThat(traceparents(await(store.read(ids)))).containsExactly(ONE, ONE);
  }

  @Test
  void aTaskThatIsRetriedIsInItsTrace() {
    long term = open().term();
    long id = accept(term, null, 1, List.of(DEPOSIT), List.of(ONE)).ids().getFirst();
    Completion dead = new Completion(id, 1, State.DEAD, "W1", null, "why", 1_700_000_000_123L);
    assertThat(await(store.complete(server, term, List.of(dead)))).isEmpty();

    RetryOutcome retried = await(store.retry(server, term, id, 1)).orElseThrow();

    assertThat(retried.task()).extracting(Pending::traceparent).isEqualTo(ONE);
  }

  @Test
  void aServerOfTheVersionBeforeGoesOnAccepting() {
    long term = open().term();
    long id = TaskId.of(term, 1);
    Tuple parameters =
        Tuple.of(server, term, "alice", null, null, 60L)
            .addLong(id)
            .addInteger(1)
            .addString("QUERY")
            .addInteger(5)
            .addLong(0L)
            .addLong(0L)
            .addInteger(3)
            .addString(null)
            .addString("[{\"user\":\"u1\"}]");

    await(
        DATABASE
            .database()
            .call("CALL accept_tasks(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", parameters));

    assertThat(await(store.read(id)).orElseThrow())
        .extracting(Task::state, Task::traceparent)
        .containsExactly(State.PENDING, null);
  }
}
