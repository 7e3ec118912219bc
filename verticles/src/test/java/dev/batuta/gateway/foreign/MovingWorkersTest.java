package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.lending.Thresholds;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A worker that goes to another server by itself. */
class MovingWorkersTest {
  private static final WorkerTimes TIMES = WorkerTimes.withLease(Duration.ofHours(1));
  private static final Thresholds NO_LENDING = new Thresholds(1_000, 10, 1, Duration.ofSeconds(2));
  private static final String ALIVE = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"moves\"}";

  @Test
  void isServedByTheNewOneAndForgottenByTheOldOneLongBeforeItsLeaseEnds() {
    List<ForeignFixture> servers =
        ForeignFixture.servers(TIMES, NO_LENDING, "server-1", "server-2");
    ForeignFixture old = servers.getFirst();
    ForeignFixture present = servers.getLast();
    try (Python python = Python.start("sockets.py")) {
      python.connect("old", "tcp", old.tcpPort());
      python.asks("old", ALIVE);
      python.hangUp("old");
      assertThat(old.farm()).extracting(WorkerView::id).containsExactly("moves");
      python.connect("new", "tcp", present.tcpPort());
      Awaitility.await()
          .atMost(ForeignFixture.LONG)
          .until(
              () -> {
                doOneTask(present, python);
                return old.farm().isEmpty();
              });
      assertThat(present.farm()).extracting(WorkerView::id).containsExactly("moves");
    } finally {
      servers.forEach(ForeignFixture::close);
    }
  }

  private static void doOneTask(ForeignFixture at, Python python) {
    long id = at.submit(query(USER)).getFirst();
    String told;
    do {
      told = python.asks("new", ALIVE).getString("TASK_ID");
    } while (!Objects.equals(told, Long.toString(id)));
    assertThat(python.asks("new", "{\"STATUS\":\"OK\"}").getString("STATUS")).isEqualTo("ACK");
    assertThat(at.ended(id).attempt()).isEqualTo(1);
  }
}
