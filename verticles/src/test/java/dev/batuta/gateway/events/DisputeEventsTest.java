package dev.batuta.gateway.events;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.WorkerMessage.Disputed;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class DisputeEventsTest {
  @Test
  void theLastAnswersThatWereNotTheLedgersAreShownWithWhatStands() {
    try (TestCluster cluster = TestCluster.start("gate")) {
      TestNode node = cluster.node("gate");
      List<JsonArray> shown = new CopyOnWriteArrayList<>();
      node.vertx()
          .eventBus()
          .<JsonObject>localConsumer(
              "events.workers", event -> shown.add(event.body().getJsonArray("disputes")));
      await(new DisputeEvents(node.bus()).start());

      for (int task = 1; task <= 25; task++) {
        node.bus()
            .publish(
                Addresses.DISPUTES,
                new Disputed(
                    "w-1",
                    "server-1",
                    task,
                    new Result(Status.OK, "9.9", null),
                    new Result(Status.OK, "100.00", null),
                    3));
      }

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  !shown.isEmpty()
                      && shown.getLast().size() == 20
                      && task(shown.getLast(), 19).equals("25"));
      assertThat(task(shown.getLast(), 0)).isEqualTo("6");
      JsonObject last = shown.getLast().getJsonObject(19);
      assertThat(last.getString("worker")).isEqualTo("w-1");
      assertThat(last.getString("master")).isEqualTo("server-1");
      assertThat(last.getLong("untold")).isEqualTo(3);
      assertThat(last.getJsonObject("claimed").getString("balance")).isEqualTo("9.9");
      assertThat(last.getJsonObject("result").getString("balance")).isEqualTo("100.00");
    }
  }

  private static String task(JsonArray shown, int index) {
    return shown.getJsonObject(index).getString("task");
  }
}
