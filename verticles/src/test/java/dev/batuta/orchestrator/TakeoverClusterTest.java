package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static dev.batuta.orchestrator.TaskCluster.deposits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Done;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.TestDatabase;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that die with tasks that wait and tasks that run, and those who carry them on. */
class TakeoverClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private final TestDatabase database = TestDatabase.fresh();
  private TaskCluster cluster;

  @BeforeEach
  void start() {
    cluster = new TaskCluster(database.address(), "s1", "s2", "s3");
    cluster.coordinate("s1", Duration.ofSeconds(1));
    cluster.startWorker("w1", "s1");
    cluster.startWorker("w2", "s2");
    await(cluster.ledger("s1").create("u", new BigDecimal("100.00"), BigDecimal.ZERO));
  }

  @AfterEach
  void stop() {
    assertThat(await(cluster.ledger("s1").audit()).ok()).isTrue();
    cluster.close();
    database.close();
  }

  private static long count(Stream<StateCount> states, State state) {
    return states.filter(each -> each.state() == state).mapToLong(StateCount::count).sum();
  }

  private long done(String... servers) {
    return Stream.of(servers)
        .mapToLong(server -> count(cluster.counts(server).states().stream(), State.DONE))
        .sum();
  }

  private BigDecimal balance() {
    return await(cluster.ledger("s1").account("u")).orElseThrow().balance();
  }

  @Test
  void aPlainRestartCostsNoAttempts() {
    cluster.stop("w1", "s1");
    cluster.startWorker("one", "s1", "s1", 1);
    Payload[] some = Collections.nCopies(30, new Compute(30, false)).toArray(Payload[]::new);
    Accepted accepted = cluster.submit("s1", null, some);
    cluster.ended("s1", accepted.ids().getFirst());
    cluster.stop("s1", "s1");
    cluster.startServer("s1", 1000);
    cluster.awaitServer("s1");
    assertThat(accepted.ids())
        .allSatisfy(id -> assertThat(cluster.ended("s1", id).attempt()).isEqualTo(1));
  }

  @Test
  void allThatADeadServerAcceptedEndsDoneThoughItNeverComesBack() {
    // It takes tasks, and never comes to an end with them.
    cluster.playWorker("deaf", "s3", 50, run -> Future.succeededFuture(new Done()));
    Accepted accepted = cluster.submit("s3", null, deposits("u", 3000));
    Awaitility.await()
        .atMost(LONG)
        .until(() -> count(cluster.counts("s3").states().stream(), State.RUNNING) == 50);
    Future<Task> waiter =
        cluster
            .node("s2")
            .bus()
            .request(
                Addresses.tasks("s2"),
                new Read(accepted.ids().getLast(), 50_000),
                Task.class,
                Duration.ofSeconds(55));

    cluster.crash("s3");

    assertThat(await(waiter).state()).isEqualTo(State.DONE);
    for (int i = 0; i < 3000; i += 50) {
      Task task = cluster.ended("s1", accepted.ids().get(i));
      assertThat(task.state()).isEqualTo(State.DONE);
      assertThat(task.owner()).isIn("s1", "s2");
    }
    Awaitility.await().atMost(LONG).until(() -> done("s1", "s2") == 3000);
    assertThat(balance()).isEqualByComparingTo("130.00");

    // It comes back, and gets nothing twice.
    cluster.restart("s3");
    assertThat(cluster.counts("s3").states()).extracting(StateCount::count).containsOnly(0L);
    Accepted more = cluster.submit("s3", null, deposits("u", 5));
    cluster.startWorker("w3", "s3");
    assertThat(cluster.ended("s3", more.ids().getLast()).owner()).isEqualTo("s3");
    Awaitility.await().atMost(LONG).until(() -> done("s1", "s2", "s3") == 3005);
    assertThat(balance()).isEqualByComparingTo("130.05");
  }

  @Test
  void serversMayDieOneAfterAnother() {
    Accepted third = cluster.submit("s3", null, deposits("u", 500));
    cluster.crash("s3");
    cluster.stop("w2", "s2");
    Accepted second = cluster.submit("s2", null, deposits("u", 500));
    cluster.crash("s2");
    for (Accepted accepted : List.of(third, second)) {
      for (int i = 0; i < 500; i += 50) {
        assertThat(cluster.ended("s1", accepted.ids().get(i)).state()).isEqualTo(State.DONE);
      }
    }
    Awaitility.await().atMost(LONG).until(() -> done("s1") == 1000);
    assertThat(balance()).isEqualByComparingTo("110.00");
  }

  @Test
  void aServerWhoseQueueWasTakenWhileItLivedGoesOnAndItsHeirFindsOutByItself() {
    Accepted taken = cluster.submit("s3", null, deposits("u", 200));
    cluster.takeQuietly("s1", "s3", "s2");
    // Nobody tells s2; it looks.
    assertThat(cluster.ended("s2", taken.ids().getLast()).owner()).isEqualTo("s2");
    // Nobody tells s3; it looks, or is refused.
    Accepted query = cluster.submit("s3", null, new Query("u"));
    cluster.startWorker("w3", "s3");
    assertThat(cluster.ended("s1", query.ids().getFirst()).owner()).isEqualTo("s3");
    Awaitility.await().atMost(LONG).until(() -> done("s2") == 200 && done("s3") == 1);
    assertThat(balance()).isEqualByComparingTo("102.00");
  }
}
