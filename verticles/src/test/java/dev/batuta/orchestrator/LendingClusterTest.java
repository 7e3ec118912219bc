package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.TestDatabase;
import dev.batuta.lending.Thresholds;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One server with too much to do, and the workers of two others. All workers live on the node of
 * the third server, so that they survive the other two.
 */
class LendingClusterTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final int CREDITS = 5;
  private static final Thresholds THRESHOLDS = new Thresholds(20, 2, 1, Duration.ofMillis(250));

  private final TestDatabase database = TestDatabase.fresh();
  private TaskCluster cluster;

  @BeforeEach
  void start() {
    cluster = new TaskCluster(database.address(), "s1", "s2", "s3");
    cluster.coordinate("s3", Duration.ofSeconds(1));
    cluster.startWorker("w1", "s1", "s3", CREDITS);
    cluster.startWorker("w2", "s2", "s3", CREDITS);
    cluster.startWorker("w3", "s2", "s3", CREDITS);
    cluster.startWorker("w4", "s2", "s3", CREDITS);
    cluster.startWorker("w5", "s3", "s3", CREDITS);
    cluster.startWorker("w6", "s3", "s3", CREDITS);
    cluster.lend(THRESHOLDS);
  }

  @AfterEach
  void stop() {
    cluster.close();
    database.close();
  }

  /** A queue that takes one worker a minute, of tasks that are done in a moment each. */
  private Accepted overload(int tasks) {
    Payload[] slow = Collections.nCopies(tasks, new Compute(200, false)).toArray(Payload[]::new);
    return cluster.submit("s1", null, slow);
  }

  private void awaitFarm(String server, int size) {
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(cluster.farm(server)).hasSize(size));
  }

  private void awaitFarm(String server, Set<String> workers) {
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(cluster.farm(server)).isEqualTo(workers));
  }

  private void allAreDone(Accepted accepted) {
    for (long id : accepted.ids()) {
      Task task = cluster.ended("s1", id);
      assertThat(task.state()).isEqualTo(State.DONE);
      assertThat(task.attempt()).as("attempt of %s", task).isEqualTo(1);
    }
  }

  @Test
  void anOverloadedServerGetsTheWorkersOfOthersAndTheyGoHomeWhenItsQueueIsEmpty() {
    Accepted accepted = overload(1500);
    awaitFarm("s1", 4);
    awaitFarm("s2", 1);
    awaitFarm("s3", 1);
    allAreDone(accepted);
    awaitFarm("s1", Set.of("w1"));
    awaitFarm("s2", Set.of("w2", "w3", "w4"));
    awaitFarm("s3", Set.of("w5", "w6"));
  }

  @Test
  void workersOfABorrowerThatIsKilledGoHome() {
    overload(3000);
    awaitFarm("s1", 4);
    cluster.crash("s1");
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(
            () -> {
              assertThat(cluster.farm("s2")).contains("w2", "w3", "w4");
              assertThat(cluster.farm("s3")).contains("w5", "w6");
            });
  }

  @Test
  void theDeathOfALenderLosesNothing() {
    Accepted accepted = overload(1500);
    awaitFarm("s1", 4);
    cluster.crash("s2");
    allAreDone(accepted);
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(cluster.counts("s1").workers().size() + cluster.farm("s3").size())
                    .isEqualTo(6));
  }

  @Test
  void aServerWhoseOnlyWorkerIsGoneGetsOneForASingleTask() {
    cluster.stop("w1", "s3");
    Accepted accepted = overload(1);
    allAreDone(accepted);
  }
}
