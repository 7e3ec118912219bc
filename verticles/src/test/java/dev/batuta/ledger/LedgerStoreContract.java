package dev.batuta.ledger;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure.Kind;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.ledger.LedgerStore.OfWorker;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.Completion;
import dev.batuta.orchestrator.store.TaskStore.GaveUp;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LedgerStore} must do. */
abstract class LedgerStoreContract {
  private final AtomicLong counter = new AtomicLong();
  private String server = "";
  private String user = "";
  private long term;

  abstract LedgerStore ledger();

  abstract TaskStore tasks();

  @BeforeEach
  void aServerAndAnAccountOfItsOwn() {
    server = "server-" + UUID.randomUUID();
    user = "u-" + UUID.randomUUID();
    term = await(tasks().open(server)).term();
    await(ledger().create(user, new BigDecimal("100"), BigDecimal.ZERO));
  }

  private Assignment task(Payload payload) {
    long id = TaskId.of(term, counter.incrementAndGet());
    await(
        tasks().accept(server, term, "alice", null, id, List.of(new NewTask(payload, 5, 0, 0, 3))));
    return new Assignment(id, 1, 0, payload);
  }

  private Assignment deposit(String amount) {
    return task(new Update(user, Operation.DEPOSIT, amount));
  }

  private Assignment withdraw(String amount) {
    return task(new Update(user, Operation.WITHDRAW, amount));
  }

  private Assignment set(String amount) {
    return task(new Update(user, Operation.SET, amount));
  }

  private Assignment query() {
    return task(new Query(user));
  }

  private List<Outcome> execute(Assignment... assignments) {
    return await(ledger().execute(server, term, "W1", Arrays.asList(assignments)));
  }

  private List<Result> results(Assignment... assignments) {
    return execute(assignments).stream().map(Outcome::result).toList();
  }

  private static Result ok(String balance) {
    return new Result(Status.OK, balance, null);
  }

  private String balance() {
    return await(ledger().account(user)).orElseThrow().balance().toPlainString();
  }

  private void assertAudited() {
    Audit audit = await(ledger().audit());
    assertThat(audit.differences()).isEmpty();
    assertThat(audit.ok()).isTrue();
    assertThat(audit.total()).isEqualByComparingTo(audit.entriesTotal());
  }

  private static void assertRefused(Future<?> future, Kind kind) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.failure().kind()).isEqualTo(kind));
  }

  @Test
  void aBatchIsExecutedInItsOrder() {
    assertThat(
            results(query(), deposit("0.5"), withdraw("100.5"), set("7.25"), deposit("1"), query()))
        .containsExactly(
            ok("100.00"), ok("100.50"), ok("0.00"), ok("7.25"), ok("8.25"), ok("8.25"));
    assertThat(balance()).isEqualTo("8.25");
    assertThat(await(ledger().entries(user, 0, 10)))
        .extracting(Entry::number, entry -> entry.amount().toPlainString())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, "100.00"),
            org.assertj.core.groups.Tuple.tuple(2L, "0.50"),
            org.assertj.core.groups.Tuple.tuple(3L, "-100.50"),
            org.assertj.core.groups.Tuple.tuple(4L, "7.25"),
            org.assertj.core.groups.Tuple.tuple(5L, "1.00"));
    assertAudited();
  }

  @Test
  void aBatchOfManyWorkersSaysWhoseEachOutcomeIs() {
    List<Assignment> batch = List.of(deposit("1"), query(), withdraw("1000"), set("5"));
    for (int i = 0; i < batch.size(); i += 2) {
      List<OfWorker> tasks =
          List.of(new OfWorker("A" + i, batch.get(i)), new OfWorker("B" + i, batch.get(i + 1)));
      assertThat(await(ledger().executeOfMany(server, term, tasks))).hasSize(2);
      for (OfWorker each : tasks) {
        assertThat(await(tasks().read(each.task().id())).orElseThrow().worker())
            .isEqualTo(each.worker());
      }
    }
    assertThat(balance()).isEqualTo("5.00");
    assertAudited();
  }

  @Test
  void anOutcomeIsThereWithItsEffect() {
    Assignment deposit = deposit("1.00");
    Outcome outcome = execute(deposit).getFirst();
    assertThat(outcome.recorded()).isTrue();
    assertThat(outcome.error()).isNull();
    var task = await(tasks().read(deposit.id())).orElseThrow();
    assertThat(task.state()).isEqualTo(State.DONE);
    assertThat(task.worker()).isEqualTo("W1");
    assertThat(task.result()).isEqualTo(ok("101.00"));
    assertThat(task.finishedAtMillis()).isEqualTo(outcome.finishedAtMillis()).isPositive();
  }

  @Test
  void whatTheLedgerRefusesIsDoneWithNokAndDoesNotStopTheOthers() {
    Assignment unknown = task(new Query("nobody"));
    Assignment unknownToo = task(new Update("nobody", Operation.SET, "1"));
    List<Outcome> outcomes =
        execute(unknown, withdraw("60"), withdraw("60"), unknownToo, deposit("1"), withdraw("41"));
    assertThat(outcomes)
        .extracting(outcome -> status(outcome))
        .containsExactly(Status.NOK, Status.OK, Status.NOK, Status.NOK, Status.OK, Status.OK);
    assertThat(outcomes.get(0).result())
        .isEqualTo(new Result(Status.NOK, null, "unknown user nobody"));
    assertThat(outcomes.get(2).result())
        .isEqualTo(
            new Result(
                Status.NOK,
                "40.00",
                "insufficient funds: balance 40.00, overdraft 0.00, withdrawal 60.00"));
    assertThat(balance()).isEqualTo("0.00");
    assertThat(await(tasks().read(unknown.id())).orElseThrow().state()).isEqualTo(State.DONE);
    assertAudited();
  }

  private static Status status(Outcome outcome) {
    return java.util.Objects.requireNonNull(outcome.result()).status();
  }

  @Test
  void aBalanceDoesNotOverflow() {
    assertThat(results(set("99999999999999999.99")).getFirst())
        .isEqualTo(ok("99999999999999999.99"));
    Result refused = results(deposit("0.01")).getFirst();
    assertThat(refused.status()).isEqualTo(Status.NOK);
    assertThat(refused.error()).contains("100000000000000000.00");
    assertThat(results(set("0"), deposit("99999999999999999.99"), deposit("0.01")))
        .extracting(Result::status)
        .containsExactly(Status.OK, Status.OK, Status.NOK);
    assertAudited();
    execute(set("0"));
  }

  @Test
  void anAccountMayGoDownToItsOverdraft() {
    user = "o-" + UUID.randomUUID();
    await(ledger().create(user, BigDecimal.ZERO, new BigDecimal("50.00")));
    assertThat(results(withdraw("50.00"))).containsExactly(ok("-50.00"));
    assertThat(results(withdraw("0.01"))).extracting(Result::status).containsExactly(Status.NOK);
    assertThat(results(set("1"), withdraw("51"), withdraw("0.01"), deposit("0.01")))
        .extracting(Result::status)
        .containsExactly(Status.OK, Status.OK, Status.NOK, Status.OK);
    assertThat(balance()).isEqualTo("-49.99");
    assertAudited();
  }

  @Test
  void anAmountThatIsNoneIsNokForItsTaskOnly() {
    Assignment strange = task(new Update(user, Operation.DEPOSIT, "12,5"));
    assertThat(results(deposit("1"), strange, deposit("1")))
        .extracting(Result::status)
        .containsExactly(Status.OK, Status.NOK, Status.OK);
    assertThat(balance()).isEqualTo("102.00");
  }

  @Test
  void aRepeatedExecutionChangesNothingAndAnswersTheSame() {
    Assignment[] batch = {deposit("1"), withdraw("1000"), query(), set("3")};
    List<Outcome> first = execute(batch);
    assertThat(execute(batch)).isEqualTo(first);
    // Also when some of a batch are new.
    Assignment fresh = deposit("2");
    assertThat(results(batch[0], fresh, batch[3]))
        .containsExactly(first.get(0).result(), ok("5.00"), first.get(3).result());
    assertThat(balance()).isEqualTo("5.00");
    assertAudited();
  }

  @Test
  void concurrentExecutionsOfTheSameTasksHaveOneEffect() {
    List<Assignment> batch = IntStream.range(0, 20).mapToObj(_ -> deposit("1")).toList();
    List<Future<List<Outcome>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<Assignment> order = new ArrayList<>(batch);
      java.util.Collections.rotate(order, i * 3);
      all.add(ledger().execute(server, term, "W" + i, order));
    }
    all.forEach(
        each ->
            assertThat(await(each)).hasSize(20).allMatch(outcome -> status(outcome) == Status.OK));
    assertThat(balance()).isEqualTo("120.00");
    assertThat(await(ledger().entries(user, 0, 100))).hasSize(21);
    assertAudited();
  }

  @Test
  void concurrentBatchesOnSharedAccountsLoseNothing() {
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String each = "s" + i + "-" + UUID.randomUUID();
      await(ledger().create(each, BigDecimal.ZERO, BigDecimal.ZERO));
      users.add(each);
    }
    List<Future<List<Outcome>>> all = new ArrayList<>();
    for (int batch = 0; batch < 12; batch++) {
      List<Assignment> tasks = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        tasks.add(task(new Update(users.get((i * 7 + batch) % 10), Operation.DEPOSIT, "0.10")));
      }
      all.add(ledger().execute(server, term, "W", tasks));
    }
    all.forEach(each -> assertThat(await(each)).hasSize(50));
    BigDecimal total =
        users.stream()
            .map(each -> await(ledger().account(each)).orElseThrow().balance())
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(total).isEqualByComparingTo("60.00");
    assertAudited();
  }

  @Test
  void anOldTermIsRefusedAndChangesNothing() {
    Assignment deposit = deposit("1");
    long old = term;
    term = await(tasks().open(server)).term();
    assertRefused(ledger().execute(server, old, "W1", List.of(deposit)), Kind.FENCED);
    assertThat(balance()).isEqualTo("100.00");
    assertThat(results(deposit)).containsExactly(ok("101.00"));
  }

  @Test
  void anOldAttemptIsLeftOutAndTheOthersAreNot() {
    Assignment gone = deposit("1");
    Assignment fresh = deposit("2");
    await(tasks().giveUp(server, term, List.of(new GivenUp(gone.id(), 1, "worker is gone"))));
    assertThat(execute(gone, fresh)).extracting(Outcome::id).containsExactly(fresh.id());
    assertThat(balance()).isEqualTo("102.00");
    Assignment second = new Assignment(gone.id(), 2, 0, gone.payload());
    assertThat(results(second)).containsExactly(ok("103.00"));
    assertThat(await(tasks().read(gone.id())).orElseThrow().attempt()).isEqualTo(2);
    assertThat(await(tasks().list(new TaskStore.Filter(null, State.FAILED, null), 0, 100)).items())
        .noneMatch(task -> task.id() == gone.id());
    assertAudited();
  }

  @Test
  void aCancelledTaskHasNoEffectAndAnExecutedOneIsNotCancelled() {
    Assignment cancelled = deposit("1");
    Completion cancel =
        new Completion(cancelled.id(), 1, State.CANCELLED, null, null, "cancelled", 0);
    assertThat(await(tasks().complete(server, term, List.of(cancel)))).isEmpty();
    assertThat(execute(cancelled)).isEmpty();
    assertThat(balance()).isEqualTo("100.00");
    Assignment executed = deposit("1");
    execute(executed);
    Completion late = new Completion(executed.id(), 1, State.CANCELLED, null, null, "cancelled", 0);
    assertThat(await(tasks().complete(server, term, List.of(late)))).containsExactly(executed.id());
    assertThat(await(tasks().giveUp(server, term, List.of(new GivenUp(executed.id(), 1, "late")))))
        .containsExactly(new GaveUp(executed.id(), State.DONE, 1));
  }

  @Test
  void namesThatDifferInCaseOrAccentsAreDifferentAccounts() {
    String upper = user.toUpperCase(java.util.Locale.ROOT);
    assertThat(results(task(new Query(upper))))
        .extracting(Result::status)
        .containsExactly(Status.NOK);
    await(ledger().create(upper, BigDecimal.ONE, BigDecimal.ZERO));
    assertThat(results(task(new Query(upper)), query())).containsExactly(ok("1.00"), ok("100.00"));
  }

  @Test
  void blanksAtTheEndOfAUserAreTheSameAccount() {
    Assignment padded = task(new Update(user + "  ", Operation.DEPOSIT, "1"));
    assertThat(results(deposit("1"), padded, query()))
        .containsExactly(ok("101.00"), ok("102.00"), ok("102.00"));
    assertAudited();
  }

  @Test
  void aStrangeUserIsUnknownAndDoesNoHarm() {
    String longName = "x".repeat(300);
    Assignment strange = task(new Query("'; DROP TABLE account; -- \"\\ \u0000 é 🙂"));
    assertThat(results(strange, task(new Query(longName)), task(new Query("")), query()))
        .extracting(Result::status)
        .containsExactly(Status.NOK, Status.NOK, Status.NOK, Status.OK);
  }

  @Test
  void anAccountIsOpenedOnce() {
    assertRefused(ledger().create(user, BigDecimal.ONE, BigDecimal.ZERO), Kind.CONFLICT);
    assertThat(balance()).isEqualTo("100.00");
  }

  @Test
  void theDemonstrationAccountsAreOpenedOnceAndNeverReset() {
    await(ledger().seedDemo());
    user = "11111111111";
    execute(deposit("5"));
    String before = balance();
    await(ledger().seedDemo());
    assertThat(balance()).isEqualTo(before);
    assertThat(await(ledger().entries(user, 0, 1)).getFirst().amount()).isEqualByComparingTo("100");
    assertThat(await(ledger().accounts("1", 1)).getFirst().user()).isEqualTo(user);
    assertAudited();
  }
}
