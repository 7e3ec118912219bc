package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A task that each worker loses may be what ends them: it does not go round for ever. */
class TasksThatEndWorkersTest {
  @Test
  void afterManyLossesEachFurtherOneCostsAnAttempt() {
    try (ForeignFixture server = new ForeignFixture(new WorkerTimes(50, 200, 50, 300));
        Python python = Python.start("sockets.py")) {
      long id = server.submit(query(USER)).getFirst();
      for (int i = 0; i < LostTasks.FREE; i++) {
        hang(server, python, "w-" + i, id);
      }
      assertThat(server.read(id).attempt()).isEqualTo(1);
      hang(server, python, "w-last", id);
      Awaitility.await().atMost(ForeignFixture.LONG).until(() -> server.read(id).attempt() == 2);
    }
  }

  /** One is given the task, and is never heard of again. */
  private static void hang(ForeignFixture server, Python python, String name, long id) {
    String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"%s\"}".formatted(name);
    python.connect(name, "tcp", server.tcpPort());
    String told;
    do {
      told = python.asks(name, alive).getString("TASK_ID");
    } while (!Objects.equals(told, Long.toString(id)));
  }
}
