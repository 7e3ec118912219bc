package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do when tasks are accepted and read. */
abstract class TaskAcceptanceContract extends TaskStoreFixture {
  /** Makes all idempotency keys older. */
  abstract void ageKeys(Duration by);

  @Test
  void anAcceptedTaskIsReadAsItWasSubmitted() {
    long term = open().term();
    Instant before = Instant.now();
    List<Long> ids = accept(term, 1, DEPOSIT, QUERY);
    assertThat(ids).containsExactly(TaskId.of(term, 1), TaskId.of(term, 2));
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
  void aTaskIsReadWithWhatItWaitsForAndTheKeyOfItsSubmission() {
    long term = open().term();
    List<Long> before = accept(term, 1, QUERY);
    String key = UUID.randomUUID().toString();
    List<Long> ids =
        await(
                store.accept(
                    server, term, "alice", key, TaskId.of(term, 2), List.of(DEPOSIT, QUERY, QUERY)))
            .ids();
    List<Long> after = accept(term, 5, QUERY, QUERY);
    String other = UUID.randomUUID().toString();
    List<Long> one =
        await(store.accept(server, term, "alice", other, TaskId.of(term, 7), List.of(QUERY))).ids();

    Task task = await(store.read(ids.get(1))).orElseThrow();
    assertThat(task.notBeforeMillis()).isEqualTo(17);
    assertThat(task.timeoutMillis()).isEqualTo(2000);
    List<Long> all = Stream.of(before, ids, after, one).flatMap(List::stream).toList();
    String[] keys = {null, key, key, key, null, null, other};
    assertThat(all)
        .extracting(id -> await(store.read(id)).orElseThrow().idempotencyKey())
        .containsExactly(keys);
    assertThat(await(store.read(all))).extracting(Task::idempotencyKey).containsExactly(keys);
    assertThat(await(store.list(Filter.ALL, before.getFirst() - 1, 7)).items())
        .extracting(Task::idempotencyKey)
        .containsExactly(keys);
    assertThat(await(store.read(List.of(before.getFirst(), ids.getLast(), after.getLast()))))
        .extracting(Task::idempotencyKey)
        .containsExactly(null, key, null);
  }

  @Test
  void aKeyThatIsKeptNoLongerIsNotReadEither() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    List<NewTask> tasks = List.of(QUERY, QUERY);
    await(store.accept(server, term, "alice", key, TaskId.of(term, 1), tasks));
    ageKeys(Duration.ofDays(8));
    await(store.accept(server, term, "alice", key, TaskId.of(term, 3), tasks));
    List<Long> ids = LongStream.rangeClosed(1, 4).mapToObj(n -> TaskId.of(term, n)).toList();
    assertThat(await(store.read(ids)))
        .extracting(Task::idempotencyKey)
        .containsExactly(null, null, key, key);
  }

  @Test
  void anUnknownIdIsReadAsNothing() {
    assertThat(await(store.read(TaskId.of(900_000, 1)))).isEmpty();
    assertThat(await(store.read(-1))).isEmpty();
  }

  @Test
  void aRepeatedKeyGivesTheFirstIds() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    List<NewTask> tasks = List.of(DEPOSIT, QUERY);
    Accepted first = await(store.accept(server, term, "alice", key, TaskId.of(term, 1), tasks));
    assertThat(first.repeated()).isFalse();
    Accepted again = await(store.accept(server, term, "alice", key, TaskId.of(term, 3), tasks));
    assertThat(again).isEqualTo(new Accepted(first.ids(), true));
    assertThat(await(store.read(TaskId.of(term, 3)))).isEmpty();
    // Also under a later term, for the submitter that was told nothing.
    long later = open().term();
    assertThat(await(store.accept(server, later, "alice", key, TaskId.of(later, 1), tasks)).ids())
        .isEqualTo(first.ids());
    // A key belongs to its user.
    assertThat(
            await(store.accept(server, later, "bob", key, TaskId.of(later, 1), tasks)).repeated())
        .isFalse();
  }

  @Test
  void keysThatDifferByBlanksCaseOrAccentsAreTwoKeys() {
    long term = open().term();
    String key = "é" + UUID.randomUUID();
    long place = 0;
    for (String each : List.of(key, key + " ", key + "  ", key + "\t", " " + key, "e" + key)) {
      long id = TaskId.of(term, ++place);
      Accepted accepted = await(store.accept(server, term, "alice", each, id, List.of(QUERY)));
      assertThat(accepted.repeated()).as("'%s'", each).isFalse();
      assertThat(
              await(store.accept(server, term, "alice", each, TaskId.of(term, 99), List.of(QUERY)))
                  .ids())
          .containsExactly(id);
    }
    assertThat(
            await(
                    store.accept(
                        server,
                        term,
                        "alice",
                        key.toUpperCase(java.util.Locale.ROOT),
                        TaskId.of(term, ++place),
                        List.of(DEPOSIT)))
                .repeated())
        .isFalse();
  }

  @Test
  void aKeyWithAnotherPayloadIsAConflict() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    await(store.accept(server, term, "alice", key, TaskId.of(term, 1), List.of(DEPOSIT)));
    assertRefused(
        store.accept(server, term, "alice", key, TaskId.of(term, 2), List.of(QUERY)),
        Kind.CONFLICT);
    assertThat(await(store.read(TaskId.of(term, 2)))).isEmpty();
  }

  @Test
  void aKeyIsForgottenAfterAWeek() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    await(store.accept(server, term, "alice", key, TaskId.of(term, 1), List.of(DEPOSIT)));
    ageKeys(Duration.ofDays(8));
    Accepted second =
        await(store.accept(server, term, "alice", key, TaskId.of(term, 2), List.of(QUERY)));
    assertThat(second).isEqualTo(new Accepted(List.of(TaskId.of(term, 2)), false));
  }

  @Test
  void concurrentRepeatsOfAKeyMakeOneTask() {
    long term = open().term();
    String key = UUID.randomUUID().toString();
    List<Future<Accepted>> all =
        IntStream.rangeClosed(1, 8)
            .mapToObj(
                n -> store.accept(server, term, "alice", key, TaskId.of(term, n), List.of(DEPOSIT)))
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
            store.accept(server, term, "alice", null, TaskId.of(term, 1), List.of(DEPOSIT, QUERY)));
    assertThat(again.repeated()).isTrue();
    assertThat(await(store.unfinished(server, 0, 100))).hasSize(2);
  }

  @Test
  void listsAreFilteredAndPagedInTheOrderOfIds() {
    long term = open().term();
    String user = "user-" + UUID.randomUUID();
    List<NewTask> tasks = List.of(DEPOSIT, QUERY, DEPOSIT, QUERY, DEPOSIT, QUERY);
    List<Long> ids = await(store.accept(server, term, user, null, TaskId.of(term, 1), tasks)).ids();
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
    // Others' tasks are before them, and may be more than one page holds.
    assertThat(await(store.list(Filter.ALL, ids.getFirst() - 1, 10)).items())
        .extracting(Task::id)
        .containsAll(ids);

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
  void anOutcomeThatIsNoEndIsRefused() {
    long term = open().term();
    assertRefused(
        store.complete(
            server, term, List.of(new Completion(1, 1, State.FAILED, null, null, null, 0))),
        Kind.INVALID);
  }
}
