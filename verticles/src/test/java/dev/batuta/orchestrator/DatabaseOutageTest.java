package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static dev.batuta.orchestrator.TaskCluster.deposits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.database.EmbeddedDatabase;
import dev.batuta.database.Migrations;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseOutageTest {

  @Test
  void withTheDatabaseAwaySubmissionsAreRefusedAndAllGoesOnWhenItReturns(@TempDir Path folder) {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(folder, 0)) {
      Migrations.run(database.address());
      try (TaskCluster cluster = new TaskCluster(database.address(), "s1")) {
        cluster.startWorker("w1", "s1");
        await(cluster.ledger("s1").create("u", new BigDecimal("100.00"), BigDecimal.ZERO));
        Accepted before = cluster.submit("s1", "before", deposits("u", 3000));

        database.stop();
        assertThatThrownBy(() -> cluster.submit("s1", null, deposits("u", 1)))
            .isInstanceOfSatisfying(
                Refused.class,
                refused ->
                    assertThat(refused.failure().kind()).isEqualTo(Failure.Kind.UNAVAILABLE));

        database.restart();
        Accepted after =
            Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> cluster.submit("s1", "after", deposits("u", 10)), ids -> true);
        for (Accepted accepted : new Accepted[] {before, after}) {
          assertThat(cluster.ended("s1", accepted.ids().getLast()).state()).isEqualTo(State.DONE);
        }
        Awaitility.await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(
                () ->
                    assertThat(await(cluster.ledger("s1").account("u")).orElseThrow().balance())
                        .isEqualByComparingTo("130.10"));
        assertThat(await(cluster.ledger("s1").audit()).ok()).isTrue();
      }
    }
  }
}
