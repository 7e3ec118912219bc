package dev.batuta.orchestrator.store;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.Filter;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.task.TaskId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What every {@link TaskStore} must do with many tasks that are alike, and with some that are not.
 */
abstract class TaskBulkContract extends TaskStoreFixture {
  private static final String ODD = "ü \"q\" \\ / \t \u0001 \uD83D\uDE00";

  @Test
  void equalAndDifferentTasksKeepTheirPayloads() {
    long term = open().term();
    long next = 1;
    for (List<Payload> payloads :
        List.<List<Payload>>of(
            List.of(new Query(ODD), new Query("b"), new Query("[1,2]")),
            List.of(new Update(ODD, Operation.SET, "0.00"), update("b"), update("c")),
            List.of(new Transfer(ODD, "b", "1.00"), new Transfer("b", ODD, "2.50")),
            List.of(
                new Compute(0, false),
                new Compute(7, true),
                new Compute(2_000, false, "{ \"duration\":2.0,\"b\":\"é\\n\\\"\",\"a\":[1.10] }")),
            List.of(new External("\"a \\\"text\\\"\""), new External("17"), new External("[{}]")),
            List.of(new Custom("OWN", "{\"a\":\"" + "ü" + "\"}"), new Custom("OWN", "{}")),
            List.of(
                update("a"),
                new Custom("OWN", "{\"b\":[1]}"),
                new External("null"),
                update("b")))) {
      List<NewTask> tasks = payloads.stream().map(each -> new NewTask(each, 3, 0, 0, 2)).toList();
      List<Long> ids =
          await(store.accept(server, term, "alice", null, TaskId.of(term, next), tasks)).ids();
      assertThat(await(store.read(ids))).extracting(Task::payload).isEqualTo(payloads);
      next += payloads.size();
    }
  }

  @Test
  void aKeyKnowsApartWhatDiffersInOneThingOnly() {
    long term = open().term();
    NewTask first = new NewTask(new Compute(0, false), 1, 0, 0, 2);
    List<NewTask> others =
        List.of(
            new NewTask(new Compute(1, false), 1, 0, 0, 2),
            new NewTask(new Compute(0, false), 2, 0, 0, 2),
            new NewTask(new Compute(0, false), 1, 5, 0, 2),
            new NewTask(new Compute(0, false), 1, 0, 5, 2),
            new NewTask(new Compute(0, false), 1, 0, 0, 5));
    String key = UUID.randomUUID().toString();
    await(store.accept(server, term, "a", key, TaskId.of(term, 1), List.of(first, first)));
    long next = 3;
    for (NewTask other : others) {
      long id = TaskId.of(term, next);
      assertRefused(store.accept(server, term, "a", key, id, List.of(other, other)), Kind.CONFLICT);
      assertRefused(store.accept(server, term, "a", key, id, List.of(first, other)), Kind.CONFLICT);
      next += 2;
    }
    assertRefused(
        store.accept(server, term, "a", key, TaskId.of(term, next), List.of(first)), Kind.CONFLICT);
    assertThat(
            await(store.accept(server, term, "a", key, TaskId.of(term, 1), List.of(first, first)))
                .repeated())
        .isTrue();
  }

  @Test
  void plainEndsAreRecordedOnceAndThoseThatComeTooLateAreRefused() {
    long term = open().term();
    NewTask task = new NewTask(new Compute(0, false), 0, 0, 0, 3);
    List<Long> ids = accept(term, 1, task, task, task, task);
    assertThat(await(store.complete(server, term, plain(ids.subList(0, 1))))).isEmpty();
    assertThat(await(store.complete(server, term, plain(ids.subList(0, 2))))).isEmpty();
    Completion cancelled =
        new Completion(ids.get(2), 1, State.CANCELLED, null, null, "not wanted", 0);
    await(store.complete(server, term, List.of(cancelled)));
    await(store.giveUp(server, term, List.of(new GivenUp(ids.get(3), 1, "gone"))));
    for (int i = 0; i < 2; i++) {
      assertThat(await(store.complete(server, term, plain(ids))))
          .containsExactlyInAnyOrder(ids.get(2), ids.get(3));
    }
    assertThat(await(store.read(ids)))
        .extracting(Task::state)
        .containsExactly(State.DONE, State.DONE, State.CANCELLED, State.FAILED);
    Task done = await(store.read(ids.get(1))).orElseThrow();
    assertThat(done.worker()).isEqualTo("W1");
    assertThat(done.attempt()).isEqualTo(1);
    assertThat(done.startedAtMillis()).isEqualTo(1_700_000_000_123L);
    assertThat(done.result()).isNull();
    assertRefused(store.complete(server, open().term() - 1, plain(ids)), Kind.FENCED);
  }

  @Test
  void listsOfAUserOrAKindGoAcrossSubmissionsAndMissNone() {
    long term = open().term();
    String user = "user-" + UUID.randomUUID();
    String kind = "KIND_" + (UUID.randomUUID().getMostSignificantBits() >>> 1);
    List<Long> own = new ArrayList<>();
    List<Long> ofKind = new ArrayList<>();
    long next = 1;
    for (int i = 0; i < 12; i++) {
      List<NewTask> tasks = new ArrayList<>();
      for (int n = 0; n <= i; n++) {
        boolean special = (i + n) % 3 == 0;
        tasks.add(
            new NewTask(special ? new Custom(kind, "{}") : new Compute(0, false), 0, 0, 0, 1));
      }
      String whose = i % 2 == 0 ? user : "another";
      List<Long> ids =
          await(store.accept(server, term, whose, null, TaskId.of(term, next), tasks)).ids();
      next += tasks.size();
      for (int n = 0; n < ids.size(); n++) {
        if (i % 2 == 0) {
          own.add(ids.get(n));
        }
        if ((i + n) % 3 == 0) {
          ofKind.add(ids.get(n));
        }
      }
    }
    List<Long> both = own.stream().filter(ofKind::contains).toList();
    await(store.complete(server, term, plain(ofKind)));
    for (int page : List.of(1, 4, 7, 1000)) {
      assertThat(paged(new Filter(user, null, null), page)).isEqualTo(own);
      assertThat(paged(new Filter(null, null, kind), page)).isEqualTo(ofKind);
      assertThat(paged(new Filter(user, null, kind), page)).isEqualTo(both);
      assertThat(paged(new Filter(user, State.DONE, null), page)).isEqualTo(both);
      assertThat(paged(new Filter(user, State.DONE, "COMPUTE"), page)).isEmpty();
    }
    assertThat(paged(new Filter("nobody", null, null), 10)).isEmpty();
  }

  private List<Long> paged(Filter filter, int limit) {
    List<Long> ids = new ArrayList<>();
    long after = 0;
    do {
      TaskPage page = await(store.list(filter, after, limit));
      assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
      page.items().forEach(task -> ids.add(task.id()));
      after = page.next();
    } while (after != 0);
    return ids;
  }

  private static Update update(String user) {
    return new Update(user, Operation.DEPOSIT, "0.01");
  }

  private static List<Completion> plain(List<Long> ids) {
    return ids.stream()
        .map(id -> new Completion(id, 1, State.DONE, "W1", null, null, 1_700_000_000_123L))
        .toList();
  }
}
