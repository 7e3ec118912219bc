package dev.batuta.ledger;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.orchestrator.store.TaskStore.GivenUp;
import dev.batuta.task.TaskId;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LedgerStore} must do with transfers: both sides, or none. */
abstract class TransferContract {
  private static final String LIMIT = "99999999999999999.99";

  private final AtomicLong counter = new AtomicLong();
  private String server = "";
  private String ana = "";
  private String bia = "";
  private long term;

  abstract LedgerStore ledger();

  abstract TaskStore tasks();

  @BeforeEach
  void twoAccountsOfItsOwn() {
    server = "server-" + UUID.randomUUID();
    ana = account("100.00", "0.00");
    bia = account("50.00", "10.00");
    term = await(tasks().open(server)).term();
  }

  private String account(String balance, String overdraft) {
    String user = "t-" + UUID.randomUUID();
    await(ledger().create(user, new BigDecimal(balance), new BigDecimal(overdraft)));
    return user;
  }

  private Assignment task(Payload payload) {
    long id = TaskId.of(term, counter.incrementAndGet());
    await(
        tasks().accept(server, term, "alice", null, id, List.of(new NewTask(payload, 5, 0, 0, 3))));
    return new Assignment(id, 1, 0, payload);
  }

  private Assignment transfer(String from, String to, String amount) {
    return task(new Transfer(from, to, amount));
  }

  private List<@Nullable Result> results(Assignment... assignments) {
    return await(ledger().execute(server, term, "W1", Arrays.asList(assignments))).stream()
        .map(Outcome::result)
        .toList();
  }

  private static Result ok(String balance) {
    return new Result(Status.OK, balance, null);
  }

  private static Result nok(@Nullable String balance, String error) {
    return new Result(Status.NOK, balance, error);
  }

  private String balance(String user) {
    return await(ledger().account(user)).orElseThrow().balance().toPlainString();
  }

  private void assertAudited() {
    assertThat(await(ledger().audit()).differences()).isEmpty();
  }

  @Test
  void itIsTwoEntriesOfOneTaskAndItsResultIsThePayersBalance() {
    Assignment transfer = transfer(ana, bia, "30.5");
    assertThat(results(transfer)).containsExactly(ok("69.50"));
    assertThat(balance(bia)).isEqualTo("80.50");
    assertThat(await(ledger().entries(ana, 1, 10)))
        .extracting(Entry::number, Entry::task, entry -> entry.amount().toPlainString())
        .containsExactly(tuple(2L, transfer.id(), "-30.50"));
    assertThat(await(ledger().entries(bia, 1, 10)))
        .extracting(Entry::number, Entry::task, entry -> entry.amount().toPlainString())
        .containsExactly(tuple(2L, transfer.id(), "30.50"));
    assertAudited();
  }

  @Test
  void inABatchEachSeesTheOnesBeforeIt() {
    assertThat(
            results(
                transfer(ana, bia, "100"),
                task(new Query(bia)),
                transfer(bia, ana, "150.00"),
                task(new Update(ana, Operation.WITHDRAW, "150")),
                transfer(bia, ana, "10.00"),
                task(new Query(ana))))
        .containsExactly(
            ok("0.00"), ok("150.00"), ok("0.00"), ok("0.00"), ok("-10.00"), ok("10.00"));
    assertAudited();
  }

  @Test
  void whatItCannotDoChangesNeitherSide() {
    assertThat(
            results(
                transfer(ana, bia, "100.01"),
                transfer("nobody", bia, "1"),
                transfer(ana, "nobody", "1"),
                transfer(ana, ana, "1"),
                transfer(ana, ana + " ", "1"),
                transfer(ana, bia, "0.00"),
                transfer(bia, ana, "60.01"),
                transfer(bia, ana, "60.00")))
        .containsExactly(
            nok("100.00", "insufficient funds: balance 100.00, overdraft 0.00, transfer 100.01"),
            nok(null, "unknown user nobody"),
            nok("100.00", "unknown user nobody"),
            nok("100.00", "the payer and the payee are the same user, " + ana),
            nok("100.00", "the payer and the payee are the same user, " + ana),
            nok("100.00", "the amount 0.00 is not a decimal above 0 with at most two decimals"),
            nok("50.00", "insufficient funds: balance 50.00, overdraft 10.00, transfer 60.01"),
            ok("-10.00"));
    assertThat(balance(ana)).isEqualTo("160.00");
    assertAudited();
  }

  @Test
  void thePayeesBalanceDoesNotOverflow() {
    String rich = account(LIMIT, "0.00");
    Result refused = results(transfer(ana, rich, "0.01")).getFirst();
    assertThat(refused)
        .isEqualTo(
            nok(
                "100.00",
                "the balance of "
                    + rich
                    + " would be 100000000000000000.00, above the limit of "
                    + LIMIT));
    assertThat(results(transfer(rich, ana, "1.00"), transfer(ana, rich, "1.00")))
        .containsExactly(ok("99999999999999998.99"), ok("100.00"));
    assertAudited();
    results(task(new Update(rich, Operation.SET, "0")));
  }

  @Test
  void aRepeatedOneHappensOnceAndAnOlderAttemptNever() {
    Assignment first = transfer(ana, bia, "1.00");
    assertThat(results(first)).isEqualTo(results(first));
    assertThat(results(first, transfer(ana, bia, "1.00"), first))
        .containsExactlyInAnyOrder(ok("99.00"), ok("98.00"));
    Assignment late = transfer(ana, bia, "5.00");
    await(tasks().giveUp(server, term, List.of(new GivenUp(late.id(), 1, "silent"))));
    assertThat(results(late)).isEmpty();
    assertThat(results(new Assignment(late.id(), 2, 0, late.payload())))
        .containsExactly(ok("93.00"));
    assertThat(balance(bia)).isEqualTo("57.00");
    assertAudited();
  }

  @Test
  void manyBothWaysAtOnceNeitherBlockEachOtherNorLoseACent() {
    List<String> users = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      users.add(account("1000.00", "0.00"));
    }
    Random random = new Random(7);
    List<Future<List<Outcome>>> all = new ArrayList<>();
    int count = 0;
    for (int batch = 0; batch < 40; batch++) {
      List<NewTask> tasks = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Collections.shuffle(users, random);
        tasks.add(new NewTask(new Transfer(users.get(0), users.get(1), "0.05"), 5, 0, 0, 3));
      }
      long first = TaskId.of(term, counter.addAndGet(tasks.size()) - tasks.size() + 1);
      await(tasks().accept(server, term, "alice", null, first, tasks));
      List<Assignment> assignments = new ArrayList<>();
      for (int i = 0; i < tasks.size(); i++) {
        assignments.add(new Assignment(first + i, 1, 0, tasks.get(i).payload()));
      }
      all.add(ledger().execute(server, term, "W" + batch, assignments));
      count += tasks.size();
    }
    long done =
        all.stream()
            .flatMap(each -> await(each).stream())
            .filter(outcome -> outcome.result() != null && outcome.result().status() == Status.OK)
            .count();
    assertThat(done).isEqualTo(count);
    BigDecimal total =
        users.stream()
            .map(user -> new BigDecimal(balance(user)))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    assertThat(total).isEqualByComparingTo("6000.00");
    assertAudited();
  }
}
