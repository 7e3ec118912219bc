package dev.batuta.orchestrator;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.database.TestDatabase;
import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Every kind of task from its submission to its end, over a real database and bus. */
class KindsClusterTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TaskCluster CLUSTER = new TaskCluster(DATABASE.address(), "s1", "s2");

  @AfterAll
  static void stop() {
    assertThat(await(CLUSTER.ledger("s1").audit()).ok()).isTrue();
    CLUSTER.close();
    DATABASE.close();
  }

  private record Kind(String kind, Body body) implements TaskHandler {
    interface Body {
      @Nullable JsonObject run(JsonObject payload, TaskContext context) throws Exception;
    }

    @Override
    public @Nullable JsonObject run(JsonObject payload, TaskContext context) throws Exception {
      return body.run(payload, context);
    }
  }

  private static long submit(String server, Payload payload) {
    return CLUSTER.submit(server, null, payload).ids().getFirst();
  }

  @Test
  void aTransferMovesTheAmountOnce() {
    CLUSTER.startWorker("transfers", "s1");
    for (String user : List.of("payer", "payee")) {
      await(CLUSTER.ledger("s1").create(user, new BigDecimal("100.00"), BigDecimal.ZERO));
    }
    Task done = CLUSTER.ended("s1", submit("s1", new Transfer("payer", "payee", "30.50")));
    assertThat(done.payload()).isEqualTo(new Transfer("payer", "payee", "30.50"));
    assertThat(done.result()).isEqualTo(new Result(Status.OK, "69.50", null));
    Task refused = CLUSTER.ended("s1", submit("s1", new Transfer("payer", "payee", "69.51")));
    assertThat(refused.state()).isEqualTo(State.DONE);
    assertThat(refused.result())
        .isEqualTo(
            new Result(
                Status.NOK,
                "69.50",
                "insufficient funds: balance 69.50, overdraft 0.00, transfer 69.51"));
    assertThat(await(CLUSTER.ledger("s1").account("payee")).orElseThrow().balance())
        .isEqualByComparingTo("130.50");
    CLUSTER.stop("transfers", "s1");
  }

  @Test
  void thousandsThatTakeNoTimeAreAllDone() {
    CLUSTER.startWorker("computer", "s1");
    List<Long> ids =
        CLUSTER
            .submit(
                "s1",
                null,
                Collections.nCopies(3000, new Compute(0, false)).toArray(Payload[]::new))
            .ids();
    for (long id : ids) {
      Task done = CLUSTER.ended("s1", id);
      assertThat(done.state()).isEqualTo(State.DONE);
      assertThat(done.result()).isNull();
    }
    CLUSTER.stop("computer", "s1");
  }

  @Test
  void aCrashThatIsAskedForCostsAnAttemptAndNoTask() throws InterruptedException {
    CountDownLatch crashed = new CountDownLatch(1);
    CLUSTER.startWorker("fragile", "s2", TaskHandlers.none(), crashed::countDown);
    long other = submit("s2", new Compute(60_000, false));
    long id = submit("s2", new Compute(10, true));
    assertThat(crashed.await(60, TimeUnit.SECONDS)).isTrue();
    CLUSTER.startWorker("robust", "s2");
    Task done = CLUSTER.ended("s2", id);
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(done.attempt()).isEqualTo(2);
    assertThat(done.worker()).isEqualTo("robust");
    Task running = CLUSTER.ask("s2", "s2", new Read(other, 0), Task.class);
    assertThat(running.state()).isIn(State.RUNNING, State.FAILED);
    CLUSTER.stop("fragile", "s2");
    CLUSTER.stop("robust", "s2");
  }

  @Test
  void anExternalTaskWaitsForOneThatTakesItAndHoldsUpNoOther() {
    List<Long> waiting =
        CLUSTER
            .submit(
                "s1",
                null,
                Collections.nCopies(2500, new External("{\"a\":1}")).toArray(Payload[]::new))
            .ids();
    CLUSTER.startWorker("plain", "s1");
    assertThat(CLUSTER.ended("s1", submit("s1", new Compute(1, false))).state())
        .isEqualTo(State.DONE);
    assertThat(CLUSTER.ask("s1", "s1", new Read(waiting.getFirst(), 0), Task.class).state())
        .isEqualTo(State.PENDING);
    CLUSTER.startWorker(
        "external",
        "s1",
        TaskHandlers.of(List.of(new Kind("EXTERNAL", (payload, task) -> payload.put("b", 2)))),
        () -> {});
    for (long id : waiting) {
      Task done = CLUSTER.ended("s1", id);
      assertThat(Objects.requireNonNull(done.result()).json()).isEqualTo("{\"a\":1,\"b\":2}");
      assertThat(done.worker()).isEqualTo("external");
      assertThat(done.attempt()).isEqualTo(1);
    }
    CLUSTER.stop("plain", "s1");
    CLUSTER.stop("external", "s1");
  }

  @Test
  void aHandlerThatFailsUsesUpTheAttemptsAndItsMessageStays() {
    CLUSTER.startWorker(
        "failing",
        "s1",
        TaskHandlers.of(
            List.of(
                new Kind(
                    "FAILS",
                    (payload, task) -> {
                      throw new IllegalStateException("no luck at " + task.attempt());
                    }))),
        () -> {});
    Submit submit =
        new Submit("tester", null, List.of(new NewTask(new Custom("FAILS", "{}"), 0, 0, 0, 2)));
    long id =
        CLUSTER
            .ask("s1", "s1", submit, dev.batuta.codec.TaskMessage.Accepted.class)
            .ids()
            .getFirst();
    Task dead = CLUSTER.ended("s1", id);
    assertThat(dead.state()).isEqualTo(State.DEAD);
    assertThat(dead.attempt()).isEqualTo(2);
    assertThat(dead.error()).isEqualTo("no luck at 2");
    CLUSTER.stop("failing", "s1");
  }
}
