package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.codec.TaskMessage.WorkerView;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The door of a node that has the role of a gateway only. */
class NoServerTest {
  @Test
  void itsWorkersJoinTheFarmOfAServerAndMastersAreToldAtOnceThatNoneIsToSpare() {
    WorkerTimes times = new WorkerTimes(250, 2_000, 300, 3_000);
    try (ForeignFixture server = new ForeignFixture(times);
        Python python = Python.start("sockets.py")) {
      ForeignDoor door = server.doorElsewhere("gate", times);
      int port = Objects.requireNonNull(door.ports().get("workers-tcp"));
      long id = server.submit(query(USER)).getFirst();

      python.connect("w", "tcp", port);
      JsonObject task;
      do {
        task = python.asks("w", "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"far-1\"}");
      } while (!"QUERY".equals(task.getString("TASK")));
      assertThat(server.farm())
          .extracting(WorkerView::id, WorkerView::master)
          .containsExactly(tuple("far-1", "server-1"));
      assertThat(python.asks("w", "{\"STATUS\":\"OK\",\"SALDO\":100}").getString("STATUS"))
          .isEqualTo("ACK");
      assertThat(server.ended(id).worker()).isEqualTo("far-1");

      python.connect("m", "tcp", port);
      assertThat(
              python
                  .asks(
                      "m",
                      "{\"SERVER_UUID\":\"A\",\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":1}")
                  .getString("RESPONSE"))
          .isEqualTo("UNAVAILABLE");
      await(door.close());
    }
  }
}
