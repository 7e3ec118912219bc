package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static dev.batuta.orchestrator.TaskCluster.deposit;
import static dev.batuta.orchestrator.TaskCluster.deposits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Done;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.ListTasks;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.database.TestDatabase;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three clustered servers, their workers, and the real database. */
class TaskClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final AtomicInteger USERS = new AtomicInteger();
  private static final TaskCluster CLUSTER = new TaskCluster(DATABASE.address(), "s1", "s2", "s3");

  @BeforeAll
  static void start() {
    CLUSTER.startWorker("w1", "s1");
    CLUSTER.startWorker("w2", "s2");
    CLUSTER.startWorker("w3", "s3");
  }

  @AfterAll
  static void stop() {
    assertThat(await(CLUSTER.ledger("s1").audit()).ok()).isTrue();
    CLUSTER.close();
    DATABASE.close();
  }

  private static String account() {
    String user = "user-" + USERS.incrementAndGet();
    await(CLUSTER.ledger("s1").create(user, new BigDecimal("100.00"), BigDecimal.ZERO));
    return user;
  }

  private static BigDecimal balance(String user) {
    return await(CLUSTER.ledger("s1").account(user)).orElseThrow().balance();
  }

  private static Result result(Task task) {
    return Objects.requireNonNull(task.result());
  }

  @Test
  void anUpdateIsDoneAndAQueryOnAnotherServerSeesIt() {
    String user = account();
    Accepted update = CLUSTER.submit("s1", null, deposit(user, "20.50"));
    Task done = CLUSTER.ended("s1", update.ids().getFirst());
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(done.owner()).isEqualTo("s1");
    assertThat(done.worker()).isEqualTo("w1");
    assertThat(result(done).balance()).isEqualTo("120.50");

    Accepted query = CLUSTER.submit("s2", null, new Query(user));
    assertThat(result(CLUSTER.ended("s3", query.ids().getFirst())).balance()).isEqualTo("120.50");
  }

  @Test
  void whatOnlyTheLedgerKnowsEndsDoneWithNok() {
    Accepted query = CLUSTER.submit("s1", null, new Query("nobody"));
    Task done = CLUSTER.ended("s1", query.ids().getFirst());
    assertThat(done.state()).isEqualTo(State.DONE);
    assertThat(result(done).status()).isEqualTo(Status.NOK);
  }

  @Test
  void aRepeatedKeyGivesTheSameTasksAndWithOtherPayloadIsRefused() {
    String user = account();
    Accepted first = CLUSTER.submit("s1", user, deposits(user, 3));
    Accepted again = CLUSTER.submit("s2", user, deposits(user, 3));
    assertThat(again.ids()).isEqualTo(first.ids());
    assertThat(again.repeated()).isTrue();
    assertThatThrownBy(() -> CLUSTER.submit("s1", user, deposits(user, 2)))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.failure().kind()).isEqualTo(Failure.Kind.CONFLICT));
    first.ids().forEach(id -> CLUSTER.ended("s3", id));
    assertThat(balance(user)).isEqualByComparingTo("100.03");
  }

  @Test
  void whatTheRequestAloneShowsIsRefusedAndMakesNoTask() {
    String user = account();
    for (String amount :
        List.of("12,5", "1e400", "1.005", "-1", "0.00", "", "1000000000000000000")) {
      assertThatThrownBy(() -> CLUSTER.submit("s1", null, deposit(user, amount)))
          .isInstanceOfSatisfying(
              Refused.class, r -> assertThat(r.failure().kind()).isEqualTo(Failure.Kind.INVALID));
    }
    assertThatThrownBy(() -> CLUSTER.ask("s1", "s1", new Read(77, 0), Task.class))
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.failure().code()).isEqualTo("task-not-found"));
  }

  @Test
  void thousandsAtOnceTakeEffectOnceEach() {
    String user = account();
    Accepted accepted = CLUSTER.submit("s2", user, deposits(user, 5000));
    assertThat(accepted.ids()).hasSize(5000).doesNotHaveDuplicates();
    accepted.ids().stream().filter(id -> id % 500 == 0).forEach(id -> CLUSTER.ended("s1", id));
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(balance(user)).isEqualByComparingTo("150.00"));
  }

  @Test
  void theTasksOfAWorkerThatFallsSilentAreGivenToOthers() {
    String user = account();
    String silent = "silent-" + user;
    CLUSTER.stop("w3", "s3");
    Runnable fallsSilent =
        CLUSTER.playWorker(silent, "s3", 100, run -> Future.succeededFuture(new Done()));
    Accepted accepted = CLUSTER.submit("s3", null, deposits(user, 10));
    Awaitility.await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(
                        CLUSTER
                            .ask(
                                "s1",
                                "s1",
                                new ListTasks(null, State.RUNNING, null, 0, 100),
                                TaskPage.class)
                            .items())
                    .extracting(Task::worker)
                    .contains(silent));
    fallsSilent.run();
    CLUSTER.startWorker("w3", "s3");
    for (long id : accepted.ids()) {
      Task done = CLUSTER.ended("s2", id);
      assertThat(done.state()).isEqualTo(State.DONE);
      assertThat(done.worker()).isEqualTo("w3");
      assertThat(done.attempt()).isEqualTo(2);
    }
    assertThat(balance(user)).isEqualByComparingTo("100.10");
  }

  @Test
  void anOrchestratorThatIsStartedAgainResumesItsQueue() {
    String user = account();
    CLUSTER.stop("w2", "s2");
    Accepted accepted = CLUSTER.submit("s2", null, deposits(user, 700));
    CLUSTER.stop("s2", "s2");
    CLUSTER.startServer("s2", 1_000_000);
    CLUSTER.awaitServer("s2");
    CLUSTER.startWorker("w2", "s2");
    accepted.ids().forEach(id -> assertThat(CLUSTER.ended("s2", id).state()).isEqualTo(State.DONE));
    assertThat(balance(user)).isEqualByComparingTo("107.00");
  }

  @Test
  void aServerWhoseTermIsOverTakesANewOneBeforeItAnswers() {
    String user = account();
    await(CLUSTER.tasks("s1").open("s1"));
    Accepted accepted = CLUSTER.submit("s1", null, deposits(user, 5));
    accepted.ids().forEach(id -> assertThat(CLUSTER.ended("s1", id).state()).isEqualTo(State.DONE));
    assertThat(balance(user)).isEqualByComparingTo("100.05");
  }

  @Test
  void aFullQueueSaysWhenToComeBack() {
    String user = account();
    CLUSTER.stop("w3", "s3");
    CLUSTER.stop("s3", "s3");
    CLUSTER.startServer("s3", 20);
    CLUSTER.awaitServer("s3");
    Accepted fits = CLUSTER.submit("s3", null, deposits(user, 15));
    assertThatThrownBy(() -> CLUSTER.submit("s3", null, deposits(user, 10)))
        .isInstanceOfSatisfying(
            Refused.class,
            r -> {
              assertThat(r.failure().kind()).isEqualTo(Failure.Kind.BUSY);
              assertThat(r.failure().retryAfterMillis()).isPositive();
            });
    CLUSTER.startWorker("w3", "s3");
    fits.ids().forEach(id -> CLUSTER.ended("s3", id));
    CLUSTER.stop("s3", "s3");
    CLUSTER.startServer("s3", 1_000_000);
    CLUSTER.awaitServer("s3");
    CLUSTER.awaitWorker("s3", "w3");
    assertThat(balance(user)).isEqualByComparingTo("100.15");
  }
}
