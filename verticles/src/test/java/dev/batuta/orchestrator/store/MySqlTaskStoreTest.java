package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.database.IncarnationLock;
import dev.batuta.database.TestDatabase;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.orchestrator.store.TaskRows.Tail;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.succession.MySqlLeaseStore;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class MySqlTaskStoreTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  private static TaskStore newStore() {
    return new MySqlTaskStore(DATABASE.database());
  }

  @Nested
  final class Acceptance extends TaskAcceptanceContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }

    @Override
    void ageKeys(Duration by) {
      DATABASE.execute(
          "UPDATE idempotency_key SET created_at = created_at - INTERVAL "
              + by.toSeconds()
              + " SECOND");
    }
  }

  @Nested
  final class End extends TaskEndContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }
  }

  @Nested
  final class Bulk extends TaskBulkContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }
  }

  @Nested
  final class Queue extends QueueContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }

    /** Any other index lets the optimizer join in bulk, and sort all there is for each page. */
    @Test
    void aPageOfOldTasksIsReadAlongThePrimaryKeys() {
      accept(open().term(), 1, QUERY);
      long term = open().term();
      var page =
          TaskRows.unfinished(server, new Tail(term, TaskId.of(term, 0)), List.of(), 0, 10_000);
      Tuple parameters = Tuple.tuple();
      page.parameters().forEach(parameters::addValue);
      int ofStragglers = 3;
      List<String> keys = new ArrayList<>();
      for (Row step : await(DATABASE.database().query("EXPLAIN " + page.sql(), parameters))) {
        if (step.getInteger("id") == ofStragglers) {
          keys.add(step.getString("table") + " " + step.getString("key"));
        }
      }
      assertThat(keys).containsExactly("s PRIMARY", "m PRIMARY", "o PRIMARY");
    }

    @Test
    void aTakeOverCostsNoAttemptsOfWhatWasOvertakenByAHigherPriority() {
      long term = open().term();
      NewTask low = new NewTask(new Query("u1"), 0, 0, 0, 1);
      NewTask high = new NewTask(new Query("u1"), 9, 0, 0, 2);
      NewTask external = new NewTask(new External("1"), 9, 0, 0, 2);
      List<Long> ids = accept(term, 1, low, high, external, low, high);
      await(store.noteDispatching(server, term, new Scope.Priority(9), ids.get(2)));
      open();
      assertThat(await(store.unfinished(server, 0, 10)))
          .extracting(Pending::id, Pending::attempt)
          .containsExactly(
              tuple(ids.get(0), 1),
              tuple(ids.get(1), 2),
              tuple(ids.get(2), 1),
              tuple(ids.get(3), 1),
              tuple(ids.get(4), 1));
    }

    @Test
    void whatIsMarkedByItsPriorityAndWithAllOthersPaysOneAttempt() {
      long term = open().term();
      List<Long> ids = accept(term, 1, QUERY, DEPOSIT, QUERY);
      await(store.noteDispatching(server, term, new Scope.All(), ids.get(1)));
      await(store.noteDispatching(server, term, new Scope.Priority(9), ids.get(2)));
      open();
      assertThat(await(store.unfinished(server, 0, 10)))
          .extracting(Pending::attempt)
          .containsExactly(2, 2, 2);
    }

    @Test
    void aTakeOverCostsNoAttemptsOfWhatWaitsForAWorkerOfItsKind() {
      long term = open().term();
      NewTask external = new NewTask(new External("1"), 5, 0, 0, 2);
      NewTask own = new NewTask(new Custom("OWN_1", "{}"), 5, 0, 0, 2);
      List<Long> ids = accept(term, 1, external, own, own, QUERY, external);
      await(store.noteDispatching(server, term, new Scope.All(), ids.get(4)));
      await(store.noteDispatching(server, term, new Scope.Kind("OWN_1"), ids.get(1)));
      term = open().term();
      assertThat(await(store.unfinished(server, 0, 10)))
          .extracting(Pending::id, Pending::attempt)
          .containsExactly(
              tuple(ids.get(0), 1),
              tuple(ids.get(1), 2),
              tuple(ids.get(2), 1),
              tuple(ids.get(3), 2),
              tuple(ids.get(4), 1));
      await(store.noteDispatching(server, term, new Scope.Kind("OWN_1"), ids.get(1)));
      Opened again = open();
      assertThat(again.counts()).containsEntry(State.DEAD, 1L);
      assertThat(await(store.read(ids.get(1))).orElseThrow().state()).isEqualTo(State.DEAD);
      assertThat(await(store.unfinished(server, 0, 10)))
          .extracting(Pending::id, Pending::attempt)
          .containsExactly(
              tuple(ids.get(0), 1),
              tuple(ids.get(2), 1),
              tuple(ids.get(3), 2),
              tuple(ids.get(4), 1));
      assertRefused(
          store.noteDispatching(server, term, new Scope.Kind("OWN_1"), ids.get(2)), Kind.FENCED);
    }
  }

  @Nested
  final class Control extends TaskControlContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }

    @Test
    void aWorkerThatComesTooLateForACancelledTaskChangesNoBalance() {
      LedgerStore ledger = new MySqlLedgerStore(DATABASE.database());
      await(ledger.create("race", BigDecimal.ZERO, BigDecimal.ZERO));
      NewTask deposit = new NewTask(new Update("race", Operation.DEPOSIT, "0.01"), 0, 0, 0, 3);
      long term = open().term();
      List<Long> ids = accept(term, 1, Collections.nCopies(400, deposit).toArray(NewTask[]::new));
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < ids.size(); i += 20) {
        List<Assignment> batch =
            ids.subList(i, i + 20).stream()
                .map(id -> new Assignment(id, 1, 0, deposit.payload()))
                .toList();
        all.add(ledger.execute(server, term, "W1", batch));
        all.add(store.cancel(server, term, ids.get(i + 7), "cancelled"));
        all.add(store.cancel(server, term, ids.get((i + 33) % ids.size()), "cancelled"));
      }
      all.forEach(each -> await(each));
      long done =
          await(store.read(ids)).stream().filter(task -> task.state() == State.DONE).count();
      assertThat(done).isBetween(360L, 400L);
      assertThat(await(ledger.account("race")).orElseThrow().balance())
          .isEqualByComparingTo(new BigDecimal("0.01").multiply(BigDecimal.valueOf(done)));
      assertThat(await(ledger.audit()).ok()).isTrue();
    }
  }

  @Nested
  final class GiveAway extends GiveAwayContract {
    private final List<IncarnationLock> locks = new ArrayList<>();

    /** With a silence that no test on a slow machine reaches. */
    @Override
    TaskStore newStore() {
      return new MySqlTaskStore(DATABASE.database(), MySqlTaskStore.KEYS_KEPT, Duration.ofHours(1));
    }

    @Override
    void live(String server) {
      IncarnationLock lock = new IncarnationLock(DATABASE.database());
      locks.add(lock);
      long incarnation = ThreadLocalRandom.current().nextLong();
      await(new MySqlLeaseStore(DATABASE.database(), lock).claim(server, incarnation));
    }

    @AfterEach
    void closeLocks() {
      locks.forEach(lock -> await(lock.close()));
    }
  }

  @Nested
  final class Retention extends RetentionContract {
    @Override
    TaskStore newStore() {
      return MySqlTaskStoreTest.newStore();
    }

    @Override
    RetentionStore retention() {
      return new MySqlRetentionStore(DATABASE.database());
    }

    @Override
    void age(long firstId, long lastId, Duration by) {
      String earlier = " - INTERVAL " + by.toSeconds() + " SECOND";
      String those = " WHERE id BETWEEN " + firstId + " AND " + lastId;
      DATABASE.execute("UPDATE task SET created_at = created_at" + earlier + those);
      DATABASE.execute("UPDATE outcome SET finished_at = finished_at" + earlier + those);
    }

    @Test
    void aWorkerThatWakesAfterItsTaskWasDeletedChangesNoBalance() {
      LedgerStore ledger = new MySqlLedgerStore(DATABASE.database());
      await(ledger.create("late", BigDecimal.ONE, BigDecimal.ZERO));
      NewTask withdrawal = new NewTask(new Update("late", Operation.WITHDRAW, "5.00"), 0, 0, 0, 3);
      long term = open().term();
      long id = accept(term, 1, withdrawal).getFirst();
      List<Assignment> batch = List.of(new Assignment(id, 1, 0, withdrawal.payload()));
      assertThat(await(ledger.execute(server, term, "W1", batch))).hasSize(1);
      // Its term is over and compacted; the next one would let in what it takes for new.
      long next = open().term();
      age(id, id, Duration.ofDays(8));
      await(retention().forgetTasks(server, 0, Duration.ofDays(7), 1000));
      assertThat(await(store.read(id))).isEmpty();
      DATABASE.execute("UPDATE account SET balance = 50 WHERE user = 'late'");
      DATABASE.execute("UPDATE entry SET amount = 50, balance = 50 WHERE user = 'late'");
      assertThat(await(ledger.execute(server, next, "W1", batch))).isEmpty();
      assertThat(await(ledger.account("late")).orElseThrow().balance()).isEqualByComparingTo("50");
    }
  }
}
