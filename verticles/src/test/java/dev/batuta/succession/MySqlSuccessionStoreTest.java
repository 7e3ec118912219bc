package dev.batuta.succession;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.database.Database.Fence;
import dev.batuta.database.IncarnationLock;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.EpochStore;
import dev.batuta.election.EpochStore.Claim;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.Scope;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.succession.SuccessionStore.Answer;
import dev.batuta.succession.SuccessionStore.Taking;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class MySqlSuccessionStoreTest extends SuccessionStoreContract {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final EpochStore EPOCHS = new MySqlEpochStore(DATABASE.database());
  private static final long COORDINATOR = 0x77;

  @AfterAll
  static void closeAll() {
    await(EPOCHS.close());
    DATABASE.close();
  }

  @Override
  Server newServer() {
    Server server = Server.of(DATABASE.database());
    await(server.leases().claim(server.name(), server.incarnation()));
    return server;
  }

  @Override
  TaskStore newTaskStore() {
    return new MySqlTaskStore(DATABASE.database(), MySqlTaskStore.KEYS_KEPT, Duration.ofHours(1));
  }

  @Override
  TaskStore giving() {
    return new MySqlTaskStore(DATABASE.database(), MySqlTaskStore.KEYS_KEPT, Duration.ofDays(1));
  }

  /** With a silence that no test on a slow machine reaches. */
  @Override
  SuccessionStore newSuccessionStore() {
    return new MySqlSuccessionStore(DATABASE.database(), Duration.ofHours(1));
  }

  @Override
  void elect() {
    incarnation = COORDINATOR;
    epoch = ((Claim.Won) await(EPOCHS.claim("coordinator", COORDINATOR, 0))).epoch();
  }

  @Override
  void releaseEpoch() {
    await(EPOCHS.release(epoch, COORDINATOR));
  }

  @Override
  void die(Server server, Death death) {
    switch (death) {
      case RELEASED ->
          assertThat(await(server.leases().release(server.name(), server.incarnation()))).isTrue();
      case DISCONNECTED -> {
        await(server.lock().close());
        String lock = IncarnationLock.name(server.incarnation());
        Awaitility.await().until(() -> DATABASE.lockHolder(lock).isEmpty());
      }
      case SILENT ->
          DATABASE.execute(
              "UPDATE server_lease SET renewed_at = renewed_at - INTERVAL 2 HOUR WHERE server = '"
                  + server.name()
                  + "'");
      case WITHOUT_LEASE ->
          DATABASE.execute("DELETE FROM server_lease WHERE server = '" + server.name() + "'");
    }
  }

  @Test
  void termsOfWhichNothingIsLeftCostAStartNoCallEachAndStayCounted() {
    long first = open(dead);
    List<Long> ids = accept(dead, first, 1, 3);
    await(tasks.complete(dead.name(), first, List.of(done(ids.get(0), 1), done(ids.get(1), 1))));
    int terms = 30;
    for (int i = 0; i < terms; i++) {
      open(dead);
    }
    long before = calls();
    Opened opened = await(tasks.open(dead.name()));
    // The first has a task left; what the last but one needs is done once.
    assertThat(calls() - before).isLessThan(terms);
    assertThat(opened.adopted()).hasSize(terms + 2); // its own among them
    assertThat(opened.counts())
        .containsAllEntriesOf(Map.of(State.DONE, 2L, State.PENDING, 1L, State.FAILED, 0L));
    assertThat(unfinished(dead)).extracting(Pending::id).containsExactly(ids.get(2));
  }

  private static long calls() {
    String sql =
        "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
            + " WHERE VARIABLE_NAME = 'COM_CALL_PROCEDURE'";
    return Long.parseLong(
        await(DATABASE.database().query(sql, Tuple.tuple())).iterator().next().getString(0));
  }

  @Test
  void refusedWritesAreCounted() {
    long term = open(dead);
    open(dead);
    long terms = DATABASE.database().refused(Fence.TERM);
    long epochs = DATABASE.database().refused(Fence.EPOCH);
    assertFenced(tasks.compact(dead.name(), term, 0), "old-term");
    assertFenced(succession.take(epoch - 1, incarnation, dead.name(), heir.name()), "old-epoch");
    assertThat(await(EPOCHS.renew(epoch - 1, COORDINATOR))).isFalse();
    assertThat(DATABASE.database().refused(Fence.TERM)).isEqualTo(terms + 1);
    assertThat(DATABASE.database().refused(Fence.EPOCH)).isEqualTo(epochs + 2);
  }

  /**
   * Its process still writes while its queue is taken: each write is before the fence, or refused.
   */
  @Test
  void whileAServerDiesNoTaskIsLostAndNoneEndsTwice() {
    long heirs = open(heir);
    long ended = 0;
    int inTime = 0;
    int tooLate = 0;
    for (int round = 0; round < 40; round++) {
      long term = open(dead);
      List<Long> first = accept(dead, term, 1, 20);
      await(tasks.noteDispatching(dead.name(), term, new Scope.All(), first.get(9)));
      die(dead, Death.SILENT);

      List<Future<?>> writes = new ArrayList<>();
      List<Future<List<Long>>> accepted = new ArrayList<>();
      List<Future<List<Long>>> completed = new ArrayList<>();
      List<Future<Taking>> takings = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        if (i == round % 10) {
          takings.add(succession.take(epoch, incarnation, dead.name(), heir.name()));
        }
        long from = TaskId.of(term, 21 + 5L * i);
        accepted.add(
            tasks
                .accept(dead.name(), term, "alice", null, from, List.of(TASK, TASK))
                .map(answer -> answer.ids()));
        completed.add(
            tasks
                .complete(dead.name(), term, List.of(done(first.get(i), 1)))
                .map(List.of(first.get(i))));
      }
      writes.addAll(takings);
      writes.addAll(accepted);
      writes.addAll(completed);
      await(Future.join(writes).otherwiseEmpty());
      assertThat(await(takings.getFirst()).answer()).isEqualTo(Answer.TAKEN);

      Set<Long> acknowledged = new HashSet<>(first);
      succeeded(accepted).forEach(acknowledged::addAll);
      Set<Long> done = new HashSet<>();
      succeeded(completed).forEach(done::addAll);
      Opened all = new Opened(heirs, await(tasks.adopt(heir.name(), heirs)));
      List<Pending> left = unfinished(heir);
      Set<Long> leftIds = new HashSet<>(left.stream().map(Pending::id).toList());
      assertThat(leftIds).filteredOn(done::contains).isEmpty();
      leftIds.addAll(done);
      assertThat(leftIds).isEqualTo(acknowledged);
      inTime += done.size();
      tooLate += completed.size() - done.size();
      ended += done.size();
      assertThat(all.counts()).containsEntry(State.DONE, ended);

      assertThat(
              await(
                  tasks.complete(
                      heir.name(),
                      heirs,
                      left.stream().map(task -> done(task.id(), task.attempt())).toList())))
          .isEmpty();
      heirs = open(heir);
      ended += left.size();
      reconnect(dead);
    }
    assertThat(inTime).isPositive();
    assertThat(tooLate).isPositive();
    assertThat(await(tasks.open(heir.name())).counts())
        .containsAllEntriesOf(Map.of(State.DONE, ended, State.PENDING, 0L, State.FAILED, 0L));
  }

  private static void reconnect(Server server) {
    await(server.leases().claim(server.name(), server.incarnation()));
  }

  private static List<List<Long>> succeeded(List<Future<List<Long>>> all) {
    return all.stream().filter(Future::succeeded).map(Future::result).toList();
  }
}
