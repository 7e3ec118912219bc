package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.TaskStore.Cancellation;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.GaveUp;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.orchestrator.store.TaskStore.RetryOutcome;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link TaskStore} must do when people cancel tasks, or have dead ones run again. */
abstract class TaskControlContract extends TaskStoreFixture {
  private static final NewTask TWICE = new NewTask(new Query("u1"), 3, 17, 2000, 2);

  private Cancellation cancel(long term, long id) {
    return await(store.cancel(server, term, id, "cancelled by alice")).orElseThrow();
  }

  private RetryOutcome retry(long term, long id, int lastAttempt) {
    return await(store.retry(server, term, id, lastAttempt)).orElseThrow();
  }

  /** Gives up the attempts of a task that may have two, from a number on. */
  private void die(long term, long id, int from) {
    await(store.giveUp(server, term, List.of(new GivenUp(id, from, "it failed"))));
    assertThat(await(store.giveUp(server, term, List.of(new GivenUp(id, from + 1, "it failed")))))
        .containsExactly(new GaveUp(id, State.DEAD, from + 1));
  }

  @Test
  void aCancelledTaskStaysCancelledAndCancelledAgainItIsTheSame() {
    long term = open().term();
    List<Long> ids = accept(term, 1, DEPOSIT, QUERY);
    await(store.giveUp(server, term, List.of(new GivenUp(ids.getLast(), 1, "x"))));
    assertThat(cancel(term, ids.getFirst()))
        .isEqualTo(new Cancellation("UPDATE", State.CANCELLED, true));
    assertThat(cancel(term, ids.getFirst()))
        .isEqualTo(new Cancellation("UPDATE", State.CANCELLED, false));
    cancel(term, ids.getLast());
    Task task = await(store.read(ids.getLast())).orElseThrow();
    assertThat(task.state()).isEqualTo(State.CANCELLED);
    assertThat(task.attempt()).isEqualTo(2);
    assertThat(task.error()).isEqualTo("cancelled by alice");
    assertThat(task.finishedAtMillis()).isPositive();
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
    assertThat(
            await(store.list(new Filter(null, State.CANCELLED, null), ids.getFirst() - 1, 10))
                .items())
        .extracting(Task::id)
        .isEqualTo(ids);
    // Neither a late result nor a failure changes that.
    assertThat(await(store.complete(server, term, List.of(done(ids.getFirst(), 1)))))
        .containsExactly(ids.getFirst());
    assertThat(await(store.giveUp(server, term, List.of(new GivenUp(ids.getFirst(), 1, "x")))))
        .containsExactly(new GaveUp(ids.getFirst(), State.CANCELLED, 1));
    assertThat(open().counts()).containsEntry(State.CANCELLED, 2L).containsEntry(State.FAILED, 0L);
  }

  @Test
  void whatHasEndedOtherwiseIsNotCancelled() {
    long term = open().term();
    long id = accept(term, 1, DEPOSIT).getFirst();
    await(store.complete(server, term, List.of(done(id, 1))));
    assertThat(cancel(term, id)).isEqualTo(new Cancellation("UPDATE", State.DONE, false));
    assertThat(await(store.read(id)).orElseThrow().state()).isEqualTo(State.DONE);
  }

  @Test
  void ofACancelAndACompletionAtOnceOneWinsAndTheOtherIsTold() {
    long term = open().term();
    int count = 400;
    List<Long> ids = accept(term, 1, Collections.nCopies(count, QUERY).toArray(NewTask[]::new));
    List<Future<List<Long>>> refused = new ArrayList<>();
    List<Future<Optional<Cancellation>>> cancelled = new ArrayList<>();
    for (int i = 0; i < count; i += 10) {
      List<Completion> batch = ids.subList(i, i + 10).stream().map(id -> done(id, 1)).toList();
      refused.add(store.complete(server, term, batch));
      for (int n = i; n < i + 10; n += 3) {
        cancelled.add(store.cancel(server, term, ids.get((n + 15) % count), "cancelled"));
      }
    }
    List<Long> toldRefused = refused.stream().flatMap(each -> await(each).stream()).toList();
    long toldCancelled =
        cancelled.stream().filter(each -> await(each).orElseThrow().news()).count();
    List<Task> tasks = await(store.read(ids));
    assertThat(tasks).allMatch(task -> task.state().isFinal());
    assertThat(tasks.stream().filter(task -> task.state() == State.CANCELLED).map(Task::id))
        .hasSize((int) toldCancelled)
        .containsExactlyInAnyOrderElementsOf(toldRefused);
    assertThat(open().counts())
        .containsEntry(State.CANCELLED, toldCancelled)
        .containsEntry(State.DONE, count - toldCancelled);
  }

  @Test
  void onlyTheOwnerUnderItsTermDecides() {
    long old = open().term();
    long id = accept(old, 1, TWICE).getFirst();
    die(old, id, 1);
    long term = open().term();
    assertRefused(store.cancel(server, old, id, "x"), Kind.FENCED);
    assertRefused(store.retry(server, old, id, 2), Kind.FENCED);
    String other = server + "-other";
    long others = await(store.open(other)).term();
    assertThat(await(store.cancel(other, others, id, "x"))).isEmpty();
    assertThat(await(store.retry(other, others, id, 2))).isEmpty();
    assertThat(await(store.read(id)).orElseThrow().state()).isEqualTo(State.DEAD);
    assertRefused(store.cancel(server, term, TaskId.of(term, 99), "x"), Kind.NOT_FOUND);
    assertRefused(store.retry(server, term, TaskId.of(term, 99), 1), Kind.NOT_FOUND);
    assertThat(retry(term, id, 2).news()).isTrue();
  }

  @Test
  void aDeadTaskTriedAgainGoesOnCountingAndGetsOneMoreRoundForEachRequest() {
    long term = open().term();
    long id = accept(term, 1, TWICE).getFirst();
    die(term, id, 1);
    RetryOutcome retried = retry(term, id, 2);
    assertThat(retried.news()).isTrue();
    assertThat(retried.state()).isEqualTo(State.FAILED);
    assertThat(retried.attempt()).isEqualTo(3);
    Pending task = Objects.requireNonNull(retried.task());
    assertThat(task.maxAttempts()).isEqualTo(4);
    assertThat(task.timeoutMillis()).isEqualTo(2000);
    assertThat(await(store.unfinished(server, 0, 10))).containsExactly(task);
    // Its first answer was lost, and it is asked for again.
    RetryOutcome repeated = retry(term, id, 2);
    assertThat(repeated.news()).isFalse();
    assertThat(repeated.task()).isEqualTo(task);
    assertThat(await(store.complete(server, term, List.of(done(id, 2))))).containsExactly(id);
    die(term, id, 3);
    assertThat(retry(term, id, 2).state()).isEqualTo(State.DEAD);
    assertThat(retry(term, id, 4).attempt()).isEqualTo(5);
    assertThat(await(store.read(id)).orElseThrow().maxAttempts()).isEqualTo(6);
    assertThat(await(store.complete(server, term, List.of(done(id, 5))))).isEmpty();
    assertThat(retry(term, id, 5).state()).isEqualTo(State.DONE);
    assertThat(open().counts()).containsEntry(State.DONE, 1L).containsEntry(State.DEAD, 0L);
  }

  @Test
  void aCrashRightAfterARetryLosesNothing() {
    long term = open().term();
    long id = accept(term, 1, TWICE).getFirst();
    await(store.noteDispatching(server, term, new Scope.All(), id));
    die(term, id, 1);
    retry(term, id, 2);
    assertThat(open().counts()).containsEntry(State.FAILED, 1L).containsEntry(State.DEAD, 0L);
    assertThat(await(store.unfinished(server, 0, 10))).extracting(Pending::id).containsExactly(id);
    // Also one that a later term has compacted.
    long last = open().term();
    int attempt = await(store.read(id)).orElseThrow().attempt();
    while (await(store.read(id)).orElseThrow().state() != State.DEAD) {
      await(store.giveUp(server, last, List.of(new GivenUp(id, attempt++, "it failed"))));
    }
    assertThat(open().counts()).containsEntry(State.DEAD, 1L).containsEntry(State.FAILED, 0L);
    long now = open().term();
    assertThat(retry(now, id, await(store.read(id)).orElseThrow().attempt()).news()).isTrue();
    assertThat(await(store.unfinished(server, 0, 10))).extracting(Pending::id).containsExactly(id);
    assertThat(open().counts()).containsEntry(State.DEAD, 0L).containsEntry(State.FAILED, 1L);
    assertThat(await(store.unfinished(server, 0, 10))).extracting(Pending::id).containsExactly(id);
  }

  @Test
  void belowWhatIsCompactedTheRetriedAreFoundAndCountedOnce() {
    long term = open().term();
    int count = 20_000;
    for (int first = 1; first <= count; first += 10_000) {
      accept(term, first, Collections.nCopies(10_000, TWICE).toArray(NewTask[]::new));
    }
    long dead = TaskId.of(term, 5);
    long straggler = TaskId.of(term, 6);
    die(term, dead, 1);
    List<Completion> ends =
        LongStream.rangeClosed(1, count)
            .map(n -> TaskId.of(term, n))
            .filter(id -> id != dead && id != straggler)
            .mapToObj(id -> done(id, 1))
            .toList();
    await(store.complete(server, term, ends));
    await(store.compact(server, term, TaskId.of(term, count)));
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::id)
        .containsExactly(straggler);
    die(term, straggler, 1);
    retry(term, dead, 2);
    retry(term, straggler, 2);
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::id)
        .containsExactly(dead, straggler);
    die(term, dead, 3);
    retry(term, dead, 4);
    await(store.complete(server, term, List.of(done(straggler, 3))));
    assertThat(open().counts())
        .containsEntry(State.DONE, count - 1L)
        .containsEntry(State.DEAD, 0L)
        .containsEntry(State.FAILED, 1L)
        .containsEntry(State.PENDING, 0L);
  }
}
