package dev.batuta.orchestrator;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.orchestrator.TaskStore.Completion;
import dev.batuta.orchestrator.TaskStore.Filter;
import dev.batuta.orchestrator.TaskStore.GaveUp;
import dev.batuta.orchestrator.TaskStore.GivenUp;
import dev.batuta.orchestrator.TaskStore.Opened;
import dev.batuta.orchestrator.TaskStore.Pending;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do. */
abstract class TaskStoreContract {
  private static final NewTask DEPOSIT =
      new NewTask(new Update("u\"1'é", Operation.DEPOSIT, "0.01"), 5, 0, 0, 3);
  private static final NewTask QUERY = new NewTask(new Query("u1"), 9, 17, 2000, 3);

  private String server = "";
  private TaskStore store;

  abstract TaskStore store();

  /** Makes all idempotency keys older. */
  abstract void ageKeys(Duration by);

  @BeforeEach
  void aServerOfItsOwn() {
    store = store();
    server = "server-" + UUID.randomUUID();
  }

  private Opened open() {
    return await(store.open(server));
  }

  private List<Long> accept(long term, long first, NewTask... tasks) {
    return await(
            store.accept(server, term, "alice", null, TaskStore.id(term, first), List.of(tasks)))
        .ids();
  }

  private static Completion done(long id, int attempt) {
    return new Completion(
        id,
        attempt,
        State.DONE,
        "W1",
        new Result(Status.OK, "1.50", null),
        null,
        1_700_000_000_123L);
  }

  private static void assertRefused(Future<?> future, Kind kind) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().kind()).isEqualTo(kind));
  }

  @Test
  void termsGrowAndANewQueueIsEmpty() {
    Opened first = open();
    Opened second = open();
    assertThat(second.term()).isGreaterThan(first.term());
    assertThat(second.counts().values()).containsOnly(0L);
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void anAcceptedTaskIsReadAsItWasSubmitted() {
    long term = open().term();
    Instant before = Instant.now();
    List<Long> ids = accept(term, 1, DEPOSIT, QUERY);
    assertThat(ids).containsExactly(TaskStore.id(term, 1), TaskStore.id(term, 2));
    Task task = await(store.read(ids.getFirst())).orElseThrow();
    assertThat(task.payload()).isEqualTo(DEPOSIT.payload());
    assertThat(task.user()).isEqualTo("alice");
    assertThat(task.owner()).isEqualTo(server);
    assertThat(task.state()).isEqualTo(State.PENDING);
    assertThat(task.attempt()).isEqualTo(1);
    assertThat(task.maxAttempts()).isEqualTo(3);
    assertThat(task.priority()).isEqualTo(5);
    assertThat(Instant.ofEpochMilli(task.createdAtMillis()))
        .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
    assertThat(task.finishedAtMillis()).isZero();
    Pending pending = await(store.unfinished(server, ids.getFirst(), 10)).getFirst();
    assertThat(pending.payload()).isEqualTo(QUERY.payload());
    assertThat(pending.notBeforeMillis()).isEqualTo(17);
    assertThat(pending.timeoutMillis()).isEqualTo(2000);
  }

  @Test
  void anUnknownIdIsReadAsNothing() {
    assertThat(await(store.read(TaskStore.id(900_000, 1)))).isEmpty();
    assertThat(await(store.read(-1))).isEmpty();
  }

  @Test
  void anOldTermIsRefusedEverywhereAndChangesNothing() {
    long old = open().term();
    long id = accept(old, 1, DEPOSIT).getFirst();
    open();
    assertRefused(
        store.accept(server, old, "alice", null, TaskStore.id(old, 2), List.of(DEPOSIT)),
        Kind.FENCED);
    assertRefused(store.complete(server, old, List.of(done(id, 1))), Kind.FENCED);
    assertRefused(store.giveUp(server, old, List.of(new GivenUp(id, 1, "x"))), Kind.FENCED);
    assertRefused(store.dispatching(server, old, id), Kind.FENCED);
    assertRefused(store.settle(server, old, id), Kind.FENCED);
    assertRefused(
        store.accept("nobody", 1, "alice", null, TaskStore.id(1, 1), List.of(DEPOSIT)),
        Kind.FENCED);
    assertThat(await(store.read(TaskStore.id(old, 2)))).isEmpty();
    assertThat(await(store.read(id)).orElseThrow().state()).isEqualTo(State.PENDING);
  }

  @Test
  void aRepeatedKeyGivesTheFirstIds() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    List<NewTask> tasks = List.of(DEPOSIT, QUERY);
    Accepted first = await(store.accept(server, term, "alice", key, TaskStore.id(term, 1), tasks));
    assertThat(first.repeated()).isFalse();
    Accepted again = await(store.accept(server, term, "alice", key, TaskStore.id(term, 3), tasks));
    assertThat(again).isEqualTo(new Accepted(first.ids(), true));
    assertThat(await(store.read(TaskStore.id(term, 3)))).isEmpty();
    // Also under a later term, for the submitter that was told nothing.
    long later = open().term();
    assertThat(
            await(store.accept(server, later, "alice", key, TaskStore.id(later, 1), tasks)).ids())
        .isEqualTo(first.ids());
    // A key belongs to its user.
    assertThat(
            await(store.accept(server, later, "bob", key, TaskStore.id(later, 1), tasks))
                .repeated())
        .isFalse();
  }

  @Test
  void aKeyWithAnotherPayloadIsAConflict() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    await(store.accept(server, term, "alice", key, TaskStore.id(term, 1), List.of(DEPOSIT)));
    assertRefused(
        store.accept(server, term, "alice", key, TaskStore.id(term, 2), List.of(QUERY)),
        Kind.CONFLICT);
    assertThat(await(store.read(TaskStore.id(term, 2)))).isEmpty();
  }

  @Test
  void aKeyIsForgottenAfterAWeek() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    await(store.accept(server, term, "alice", key, TaskStore.id(term, 1), List.of(DEPOSIT)));
    ageKeys(Duration.ofDays(8));
    Accepted second =
        await(store.accept(server, term, "alice", key, TaskStore.id(term, 2), List.of(QUERY)));
    assertThat(second).isEqualTo(new Accepted(List.of(TaskStore.id(term, 2)), false));
  }

  @Test
  void concurrentRepeatsOfAKeyMakeOneTask() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    List<Future<Accepted>> all =
        IntStream.rangeClosed(1, 8)
            .mapToObj(
                n ->
                    store.accept(
                        server, term, "alice", key, TaskStore.id(term, n), List.of(DEPOSIT)))
            .toList();
    List<Accepted> answers = all.stream().map(each -> await(each)).toList();
    assertThat(answers).extracting(Accepted::ids).containsOnly(answers.getFirst().ids());
    assertThat(answers).extracting(Accepted::repeated).containsOnlyOnce(false);
    assertThat(await(store.unfinished(server, 0, 100))).hasSize(1);
  }

  @Test
  void anAcceptanceRepeatedUnderItsIdsHappensOnce() {
    long term = open().term();
    accept(term, 1, DEPOSIT, QUERY);
    Accepted again =
        await(
            store.accept(
                server, term, "alice", null, TaskStore.id(term, 1), List.of(DEPOSIT, QUERY)));
    assertThat(again.repeated()).isTrue();
    assertThat(await(store.unfinished(server, 0, 100))).hasSize(2);
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

  @Test
  void aStartGivesUpWhatMayHaveBeenDispatchedAndOnlyThat() {
    long term = open().term();
    NewTask once = new NewTask(new Query("u1"), 5, 0, 0, 1);
    List<Long> ids = accept(term, 1, DEPOSIT, once, DEPOSIT, QUERY);
    await(store.dispatching(server, term, ids.get(2)));
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
  void startsWithoutDispatchUseUpNoAttempts() {
    long term = open().term();
    long id = accept(term, 1, QUERY).getFirst();
    await(store.dispatching(server, term, id));
    open();
    open();
    long last = open().term();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::attempt)
        .containsExactly(2);
    await(store.dispatching(server, last, id));
    open();
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::attempt)
        .containsExactly(3);
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
  void settlingHidesNothingThatIsUnended() {
    long term = open().term();
    int count = 45_000;
    for (int first = 1; first <= count; first += 5000) {
      await(
          store.accept(
              server,
              term,
              "alice",
              null,
              TaskStore.id(term, first),
              Collections.nCopies(5000, QUERY)));
    }
    List<Long> left = List.of(TaskStore.id(term, 7), TaskStore.id(term, 30_000));
    List<Completion> ends =
        LongStream.rangeClosed(1, count)
            .map(n -> TaskStore.id(term, n))
            .filter(id -> !left.contains(id))
            .mapToObj(id -> done(id, 1))
            .toList();
    for (int i = 0; i < ends.size(); i += 5000) {
      await(store.complete(server, term, ends.subList(i, Math.min(i + 5000, ends.size()))));
    }
    await(store.settle(server, term, TaskStore.id(term, count)));
    await(store.settle(server, term, TaskStore.id(term, count)));
    assertThat(await(store.unfinished(server, 0, 10))).extracting(Pending::id).isEqualTo(left);
    assertThat(
            await(
                    store.list(
                        new Filter("alice", State.PENDING, "QUERY"), TaskStore.id(term, 0), 10))
                .items())
        .extracting(Task::id)
        .isEqualTo(left);
    // Who says that nothing is to come up to an id is held to it.
    await(store.settle(server, term, TaskStore.id(term, 80_000)));
    assertRefused(
        store.accept(server, term, "alice", null, TaskStore.id(term, 50_000), List.of(QUERY)),
        Kind.FENCED);
    await(store.complete(server, term, List.of(done(left.getFirst(), 1))));
    Opened opened = open();
    assertThat(opened.counts())
        .containsEntry(State.DONE, count - 1L)
        .containsEntry(State.PENDING, 1L);
  }

  @Test
  void listsAreFilteredAndPagedInTheOrderOfIds() {
    long term = open().term();
    String user = "user-" + UUID.randomUUID();
    List<NewTask> tasks = List.of(DEPOSIT, QUERY, DEPOSIT, QUERY, DEPOSIT, QUERY);
    List<Long> ids =
        await(store.accept(server, term, user, null, TaskStore.id(term, 1), tasks)).ids();
    accept(term, 7, QUERY);
    await(store.complete(server, term, List.of(done(ids.get(0), 1))));
    await(
        store.complete(
            server,
            term,
            List.of(new Completion(ids.get(1), 1, State.CANCELLED, null, null, "cancelled", 0))));
    await(store.giveUp(server, term, List.of(new GivenUp(ids.get(2), 1, "x"))));

    assertThat(idsOf(new Filter(user, null, null))).isEqualTo(ids);
    assertThat(idsOf(new Filter(user, null, "UPDATE")))
        .containsExactly(ids.get(0), ids.get(2), ids.get(4));
    assertThat(idsOf(new Filter(user, State.DONE, null))).containsExactly(ids.get(0));
    assertThat(idsOf(new Filter(user, State.CANCELLED, null))).containsExactly(ids.get(1));
    assertThat(idsOf(new Filter(user, State.FAILED, null))).containsExactly(ids.get(2));
    assertThat(idsOf(new Filter(user, State.PENDING, null)))
        .containsExactly(ids.get(3), ids.get(4), ids.get(5));
    assertThat(idsOf(new Filter(user, State.RUNNING, null))).isEmpty();
    assertThat(idsOf(new Filter(user, State.PENDING, "QUERY")))
        .containsExactly(ids.get(3), ids.get(5));
    assertThat(idsOf(new Filter(null, State.FAILED, "UPDATE"))).contains(ids.get(2));
    assertThat(idsOf(Filter.ALL)).containsAll(ids);

    await(store.complete(server, term, List.of(done(ids.get(2), 2))));
    assertThat(idsOf(new Filter(user, State.FAILED, null))).isEmpty();

    var page = await(store.list(new Filter(user, null, null), 0, 4));
    assertThat(page.items()).extracting(Task::id).isEqualTo(ids.subList(0, 4));
    assertThat(page.next()).isEqualTo(ids.get(3));
    var last = await(store.list(new Filter(user, null, null), page.next(), 4));
    assertThat(last.items()).extracting(Task::id).isEqualTo(ids.subList(4, 6));
    assertThat(last.next()).isZero();
    assertThat(await(store.read(List.of(ids.get(5), 1L, ids.get(4)))))
        .extracting(Task::id)
        .containsExactly(ids.get(4), ids.get(5));
  }

  private List<Long> idsOf(Filter filter) {
    return await(store.list(filter, 0, 1000)).items().stream().map(Task::id).toList();
  }

  @Test
  void badBatchesAreRefused() {
    long term = open().term();
    assertRefused(
        store.accept(server, term, "alice", null, TaskStore.id(term, 1), List.of()), Kind.INVALID);
    assertRefused(
        store.accept(server, term, "alice", " ", TaskStore.id(term, 1), List.of(QUERY)),
        Kind.INVALID);
    assertRefused(
        store.complete(
            server, term, List.of(new Completion(1, 1, State.FAILED, null, null, null, 0))),
        Kind.INVALID);
  }
}
