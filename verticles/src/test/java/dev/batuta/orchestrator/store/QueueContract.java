package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.task.Kinds;
import dev.batuta.task.TaskId;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do with the queues of servers and their terms. */
abstract class QueueContract extends TaskStoreFixture {
  @Test
  void termsGrowAndANewQueueIsEmpty() {
    Opened first = open();
    Opened second = open();
    assertThat(second.term()).isGreaterThan(first.term());
    assertThat(second.counts().values()).containsOnly(0L);
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void aPageHasThePayloadsOfTheKindsThatAreWanted() {
    long term = open().term();
    NewTask external = new NewTask(new External("[1, {\"a\": \"é\"}]"), 5, 0, 0, 3);
    NewTask own = new NewTask(new Custom("OWN_1", "{\"b\": 1.50}"), 5, 0, 0, 3);
    NewTask transfer = new NewTask(new Transfer("a", "b", "1.00"), 5, 0, 0, 3);
    NewTask compute = new NewTask(new Compute(7, true), 5, 0, 0, 3);
    accept(term, 1, external, own, transfer, compute, QUERY);
    assertThat(payloads(await(store.unfinished(server, 0, 10))))
        .containsExactly(
            external.payload(),
            own.payload(),
            transfer.payload(),
            compute.payload(),
            QUERY.payload());
    assertThat(payloads(await(store.unfinished(server, List.of("OWN_1"), 0, 10))))
        .containsExactly(
            new Custom("EXTERNAL", ""),
            own.payload(),
            new Custom("TRANSFER", ""),
            new Custom("COMPUTE", ""),
            new Custom("QUERY", ""));
    assertThat(payloads(await(store.unfinished(server, Kinds.COMMON, 0, 3))))
        .containsExactly(new Custom("EXTERNAL", ""), new Custom("OWN_1", ""), transfer.payload());
  }

  private static List<Payload> payloads(List<Pending> page) {
    return page.stream().map(Pending::payload).toList();
  }

  @Test
  void anOldTermIsRefusedEverywhereAndChangesNothing() {
    long old = open().term();
    long id = accept(old, 1, DEPOSIT).getFirst();
    open();
    assertRefused(
        store.accept(server, old, "alice", null, TaskId.of(old, 2), List.of(DEPOSIT)), Kind.FENCED);
    assertRefused(store.complete(server, old, List.of(done(id, 1))), Kind.FENCED);
    assertRefused(store.giveUp(server, old, List.of(new GivenUp(id, 1, "x"))), Kind.FENCED);
    assertRefused(store.noteDispatching(server, old, new Scope.All(), id), Kind.FENCED);
    assertRefused(store.compact(server, old, id), Kind.FENCED);
    assertRefused(store.unfinished(server, old, Kinds.COMMON, 0, 10), Kind.FENCED);
    assertRefused(
        store.accept("nobody", 1, "alice", null, TaskId.of(1, 1), List.of(DEPOSIT)), Kind.FENCED);
    assertThat(await(store.read(TaskId.of(old, 2)))).isEmpty();
    assertThat(await(store.read(id)).orElseThrow().state()).isEqualTo(State.PENDING);
  }

  @Test
  void aStartGivesUpWhatMayHaveBeenDispatchedAndOnlyThat() {
    long term = open().term();
    NewTask once = new NewTask(new Query("u1"), 5, 0, 0, 1);
    List<Long> ids = accept(term, 1, DEPOSIT, once, DEPOSIT, QUERY);
    await(store.noteDispatching(server, term, new Scope.All(), ids.get(2)));
    await(store.complete(server, term, List.of(done(ids.get(2), 1))));
    Opened opened = open();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::id, Pending::attempt)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(ids.get(0), 2),
            org.assertj.core.groups.Tuple.tuple(ids.get(3), 1));
    assertThat(opened.counts())
        .containsEntry(State.PENDING, 1L)
        .containsEntry(State.FAILED, 1L)
        .containsEntry(State.DONE, 1L)
        .containsEntry(State.DEAD, 1L);
    assertThat(await(store.read(ids.get(1))).orElseThrow().state()).isEqualTo(State.DEAD);
    // The old ids go on under the new term, under their new attempts.
    assertThat(await(store.complete(server, opened.term(), List.of(done(ids.get(0), 1)))))
        .containsExactly(ids.get(0));
    await(store.complete(server, opened.term(), List.of(done(ids.get(0), 2), done(ids.get(3), 1))));
    assertThat(open().counts())
        .containsEntry(State.DONE, 3L)
        .containsEntry(State.DEAD, 1L)
        .containsEntry(State.PENDING, 0L)
        .containsEntry(State.FAILED, 0L);
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void whatIsToBeginLaterUsesUpNoAttempts() {
    long term = open().term();
    long tomorrow = System.currentTimeMillis() + 86_400_000;
    NewTask later = new NewTask(new Query("u1"), 0, tomorrow, 0, 2);
    List<Long> ids = accept(term, 1, later, QUERY);
    for (int start = 0; start < 3; start++) {
      await(store.noteDispatching(server, term, new Scope.All(), ids.get(1)));
      term = open().term();
    }
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::id, Pending::attempt)
        .contains(org.assertj.core.groups.Tuple.tuple(ids.get(0), 1));
  }

  @Test
  void startsWithoutDispatchUseUpNoAttempts() {
    long term = open().term();
    long id = accept(term, 1, QUERY).getFirst();
    await(store.noteDispatching(server, term, new Scope.All(), id));
    open();
    open();
    long last = open().term();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::attempt)
        .containsExactly(2);
    await(store.noteDispatching(server, last, new Scope.All(), id));
    open();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::attempt)
        .containsExactly(3);
  }

  @Test
  void afterADrainAStartGivesNothingUp() {
    long first = open().term();
    List<Long> ids = accept(first, 1, DEPOSIT, DEPOSIT, QUERY);
    long term = open().term();
    long own = accept(term, 1, DEPOSIT).getFirst();
    await(store.noteDispatching(server, term, new Scope.All(), ids.get(2)));
    await(store.noteDispatching(server, term, new Scope.Priority(5), ids.get(2)));
    await(store.noteDispatching(server, term, new Scope.All(), own));
    await(store.noteDrained(server, term));
    long last = open().term();
    assertThat(await(store.unfinished(server, 0, 10)))
        .hasSize(4)
        .extracting(Pending::attempt)
        .containsOnly(1);
    await(store.noteDispatching(server, last, new Scope.All(), own));
    assertRefused(store.noteDrained(server, term), Kind.FENCED);
    open();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::attempt)
        .containsExactly(1, 1, 1, 2);
  }

  @Test
  void queuesOfServersAreTheirOwn() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    String other = "other-" + UUID.randomUUID();
    Opened opened = await(store.open(other));
    assertThat(opened.counts().values()).containsOnly(0L);
    assertThat(await(store.unfinished(other, 0, 10))).isEmpty();
    assertRefused(store.complete(other, term, List.of(done(id, 1))), Kind.FENCED);
    assertThat(await(store.unfinished(server, 0, 10))).hasSize(1);
  }

  @Test
  void compactionHidesNothingThatIsUnended() {
    long term = open().term();
    int count = 45_000;
    for (int first = 1; first <= count; first += 5000) {
      await(
          store.accept(
              server,
              term,
              "alice",
              null,
              TaskId.of(term, first),
              Collections.nCopies(5000, QUERY)));
    }
    List<Long> left = List.of(TaskId.of(term, 7), TaskId.of(term, 30_000));
    List<Completion> ends =
        LongStream.rangeClosed(1, count)
            .map(n -> TaskId.of(term, n))
            .filter(id -> !left.contains(id))
            .mapToObj(id -> done(id, 1))
            .toList();
    for (int i = 0; i < ends.size(); i += 5000) {
      await(store.complete(server, term, ends.subList(i, Math.min(i + 5000, ends.size()))));
    }
    await(store.compact(server, term, TaskId.of(term, count)));
    await(store.compact(server, term, TaskId.of(term, count)));
    assertThat(await(store.unfinished(server, 0, 10))).extracting(Pending::id).isEqualTo(left);
    assertThat(
            await(store.list(new Filter("alice", State.PENDING, "QUERY"), TaskId.of(term, 0), 10))
                .items())
        .extracting(Task::id)
        .isEqualTo(left);
    // Who says that nothing is to come up to an id is held to it.
    await(store.compact(server, term, TaskId.of(term, 80_000)));
    assertRefused(
        store.accept(server, term, "alice", null, TaskId.of(term, 50_000), List.of(QUERY)),
        Kind.FENCED);
    await(store.complete(server, term, List.of(done(left.getFirst(), 1))));
    Opened opened = open();
    assertThat(opened.counts())
        .containsEntry(State.DONE, count - 1L)
        .containsEntry(State.PENDING, 1L);
  }
}
