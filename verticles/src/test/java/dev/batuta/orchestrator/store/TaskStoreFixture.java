package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;

/** A {@link TaskStore}, a server of each test's own, and what the contracts do with them. */
abstract class TaskStoreFixture {
  static final NewTask DEPOSIT =
      new NewTask(new Update("u\"1'é", Operation.DEPOSIT, "0.01"), 5, 0, 0, 3);
  static final NewTask QUERY = new NewTask(new Query("u1"), 9, 17, 2000, 3);

  String server = "";
  TaskStore store;

  abstract TaskStore newStore();

  @BeforeEach
  void aServerOfItsOwn() {
    store = newStore();
    server = "server-" + UUID.randomUUID();
  }

  Opened open() {
    return await(store.open(server));
  }

  List<Long> accept(long term, long first, NewTask... tasks) {
    return await(store.accept(server, term, "alice", null, TaskId.of(term, first), List.of(tasks)))
        .ids();
  }

  static Completion done(long id, int attempt) {
    return new Completion(
        id,
        attempt,
        State.DONE,
        "W1",
        new Result(Status.OK, "1.50", null),
        null,
        1_700_000_000_123L);
  }

  static void assertRefused(Future<?> future, Kind kind) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().kind()).isEqualTo(kind));
  }
}
