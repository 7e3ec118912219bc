package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.orchestrator.store.RetentionStore.Step;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.orchestrator.store.TaskStore.Pending;
import dev.batuta.task.TaskId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link RetentionStore} must do. */
abstract class RetentionContract extends TaskStoreFixture {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final int RANGE = 20_000;

  abstract RetentionStore retention();

  /** Makes some tasks older, with their ends. */
  abstract void age(long firstId, long lastId, Duration by);

  private int sweep(LongFunction<Step> forget) {
    int deleted = 0;
    long after = 0;
    do {
      Step step = forget.apply(after);
      assertThat(step.throughId() == 0 || step.throughId() > after).isTrue();
      deleted += step.deleted();
      after = step.throughId();
    } while (after != 0);
    return deleted;
  }

  private int forget() {
    return sweep(after -> await(retention().forgetTasks(server, after, WEEK, 1000)));
  }

  private int forgetStragglers() {
    return sweep(after -> await(retention().forgetStragglers(server, after, 1000)));
  }

  /** A range of tasks, as many as are compacted together; gives the first id. */
  private long range(long term, int number) {
    int first = 1 + number * RANGE;
    for (int i = 0; i < RANGE; i += 10_000) {
      accept(term, first + i, Collections.nCopies(10_000, QUERY).toArray(NewTask[]::new));
    }
    return TaskId.of(term, first);
  }

  private void end(long term, long firstId, long... but) {
    List<Long> left = LongStream.of(but).boxed().toList();
    for (int i = 0; i < RANGE; i += 10_000) {
      await(
          store.complete(
              server,
              term,
              LongStream.range(firstId + i, firstId + i + 10_000)
                  .filter(id -> !left.contains(id))
                  .mapToObj(id -> done(id, 1))
                  .toList()));
    }
  }

  @Test
  void oldFinishedTasksGoYoungOnesAndUnfinishedOnesStay() {
    long term = open().term();
    long old = range(term, 0);
    long young = range(term, 1);
    long dead = old + 3;
    long unfinished = old + 5;
    for (int attempt = 1; attempt <= 3; attempt++) {
      await(store.giveUp(server, term, List.of(new GivenUp(dead, attempt, "x"))));
    }
    end(term, old, dead, unfinished);
    end(term, young);
    assertThat(forget()).isZero();
    await(store.compact(server, term, young + RANGE - 1));
    assertThat(forget()).isZero();
    age(old, young - 1, WEEK.plusHours(1));
    assertThat(forget()).isEqualTo(RANGE - 1);
    assertThat(forget()).isZero();
    assertThat(await(store.read(old))).isEmpty();
    assertThat(await(store.read(dead))).isEmpty();
    assertThat(await(store.read(unfinished)).orElseThrow().state()).isEqualTo(State.PENDING);
    assertThat(await(store.read(young))).isPresent();
    assertThat(await(store.list(new Filter(null, State.DEAD, null), old - 1, 10)).items())
        .extracting(Task::id)
        .doesNotContain(dead);
    assertThat(await(store.unfinished(server, 0, 10)))
        .extracting(Pending::id)
        .containsExactly(unfinished);
    // What ended is still counted, and what is left goes when it has ended long ago.
    await(store.complete(server, term, List.of(done(unfinished, 1))));
    age(unfinished, unfinished, WEEK.plusHours(1));
    assertThat(forget()).isZero();
    assertThat(forgetStragglers()).isEqualTo(1);
    assertThat(forget()).isEqualTo(1);
    assertThat(open().counts())
        .containsEntry(State.DONE, 2L * RANGE - 1)
        .containsEntry(State.DEAD, 1L)
        .containsEntry(State.PENDING, 0L);
  }

  @Test
  void manyThatWaitForLongDoNotKeepTheFinishedOnesAroundThem() {
    long term = open().term();
    long first = range(term, 0);
    long[] waiting = LongStream.range(first + 100, first + 400).toArray();
    end(term, first, waiting);
    age(first, first + RANGE - 1, WEEK.plusHours(1));
    await(store.compact(server, term, first + RANGE - 1));
    assertThat(forget()).as("they may end soon").isZero();
    await(store.compact(server, term, first + RANGE - 1 + 1_000_000));
    assertThat(forget()).isEqualTo(RANGE - waiting.length);
    assertThat(await(store.unfinished(server, 0, RANGE)))
        .extracting(Pending::id)
        .containsExactlyElementsOf(LongStream.of(waiting).boxed().toList());
    assertThat(open().counts())
        .containsEntry(State.DONE, (long) RANGE - waiting.length)
        .containsEntry(State.PENDING, (long) waiting.length);
  }

  @Test
  void whatComesLateForADeletedTaskIsRefused() {
    long term = open().term();
    long first = range(term, 0);
    end(term, first);
    await(store.compact(server, term, first + RANGE - 1));
    age(first, first + RANGE - 1, WEEK.plusHours(1));
    assertThat(forget()).isEqualTo(RANGE);
    assertThat(await(store.complete(server, term, List.of(done(first, 1))))).containsExactly(first);
    assertThat(await(store.read(first))).isEmpty();
    assertRefused(store.cancel(server, term, first, "x"), Kind.NOT_FOUND);
    assertThat(await(store.unfinished(server, 0, 10))).isEmpty();
  }

  @Test
  void theTasksOfOthersAndOfTermsNotAdoptedAreLeftAlone() {
    long term = open().term();
    long first = range(term, 0);
    end(term, first);
    await(store.compact(server, term, first + RANGE - 1));
    age(first, first + RANGE - 1, WEEK.plusHours(1));
    String mine = server;
    server = mine + "-other";
    open();
    assertThat(forget()).isZero();
    server = mine;
    open();
    assertThat(forget()).isEqualTo(RANGE);
  }

  @Test
  void keysAreForgottenWhenTheyAreOldAndNotBefore() {
    long term = open().term();
    NewTask task = new NewTask(new Query("u"), 0, 0, 0, 1);
    await(store.accept(server, term, "alice", server, TaskId.of(term, 1), List.of(task)));
    await(retention().forgetKeys(WEEK, 100));
    assertThat(
            await(store.accept(server, term, "alice", server, TaskId.of(term, 2), List.of(task)))
                .repeated())
        .isTrue();
    await(retention().forgetKeys(Duration.ofMinutes(-1), 1000));
    assertThat(
            await(store.accept(server, term, "alice", server, TaskId.of(term, 2), List.of(task)))
                .repeated())
        .isFalse();
  }
}
