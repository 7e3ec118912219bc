package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.lending.Thresholds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Masters that could be taken for another one: by their host, or by their name. */
class MastersAlikeTest {
  private static final Thresholds EAGER = new Thresholds(5, 2, 1, Duration.ofMillis(200));
  private static final WorkerTimes TIMES = new WorkerTimes(100, 2_000, 300, 20_000);

  private static JsonObject once(Python python, ForeignFixture server, String json) {
    return python.once("tcp", server.tcpPort(), json);
  }

  private static JsonObject alive(Python python, ForeignFixture server, String worker) {
    return once(python, server, "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"%s\"}".formatted(worker));
  }

  /** The workers that a master is lent which is reached at a port of this machine. */
  private static JsonArray borrow(Python python, ForeignFixture server, String id, int port) {
    String request =
        """
        {"SERVER_UUID":"%s","TASK":"WORKER_REQUEST","WORKERS_NEEDED":1,\
        "REQUESTOR_INFO":{"ip":"127.0.0.1","port":%d}}"""
            .formatted(id, port);
    JsonObject[] response = {new JsonObject()};
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(
            () -> {
              response[0] = once(python, server, request);
              return "AVAILABLE".equals(response[0].getString("RESPONSE"));
            });
    return response[0].getJsonArray("WORKERS_UUID");
  }

  @Test
  void aStrangersWorkersGoToItAndNotToTheOneThatIsConfiguredOnItsHost() {
    try (Python configured = Python.start("master.py", "m2-uuid", "uuid", "tcp");
        Python python = Python.start("sockets.py")) {
      ForeignPeer peer =
          new ForeignPeer("m2", "127.0.0.1", Integer.parseInt(configured.prints()), Transport.TCP);
      int own = Integer.parseInt(python.does("listen m3"));
      try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, peer)) {
        configured.prints("TASK", "HEARTBEAT");
        once(python, server, "{\"SERVER_UUID\":\"m3\",\"TASK\":\"HEARTBEAT\"}");
        for (String worker : List.of("w-1", "w-2")) {
          alive(python, server, worker);
        }
        String worker = borrow(python, server, "m3", own).getString(0);
        assertThat(alive(python, server, worker).getJsonObject("SERVER_REDIRECT"))
            .isEqualTo(new JsonObject().put("ip", "127.0.0.1").put("port", own));

        once(
            python,
            server,
            "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"b-1\",\"SERVER_UUID\":\"m3\"}");
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .untilAsserted(
                () ->
                    assertThat(server.farm())
                        .filteredOn(each -> each.id().equals("b-1"))
                        .extracting(WorkerView::home)
                        .isNotEmpty()
                        .doesNotContain("m2"));

        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(() -> server.farm().stream().noneMatch(each -> each.id().equals(worker)));
        String release =
            "{\"SERVER_UUID\":\"m3\",\"TASK\":\"COMMAND_RELEASE\",\"WORKERS_UUID\":[\"%s\"]}";
        assertThat(once(python, server, release.formatted(worker)).getString("RESPONSE"))
            .isEqualTo("RELEASE_ACK");
        alive(python, server, worker);
        assertThat(python.does("accept m3 back 10")).isEqualTo("done");
        assertThat(python.hears("back").getString("RESPONSE")).isEqualTo("RELEASE_COMPLETED");
      }
    }
  }

  @Test
  void aStrangerThatIsNamedLikeAServerOfTheClusterIsLentWorkersToo() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER);
        Python python = Python.start("sockets.py")) {
      server.addNode("server-2");
      int own = Integer.parseInt(python.does("listen stranger"));
      for (String worker : List.of("w-1", "w-2")) {
        alive(python, server, worker);
      }
      String worker = borrow(python, server, "server-2", own).getString(0);
      assertThat(alive(python, server, worker).getJsonObject("SERVER_REDIRECT"))
          .isEqualTo(new JsonObject().put("ip", "127.0.0.1").put("port", own));
    }
  }

  @Test
  void workersOfAMasterThatIsNamedLikeAServerOfTheClusterGoHomeToTheMaster() {
    try (Python master = Python.start("master.py", "server-2", "uuid", "tcp", "b-1");
        Python python = Python.start("sockets.py")) {
      ForeignPeer peer =
          new ForeignPeer("B", "127.0.0.1", Integer.parseInt(master.prints()), Transport.TCP);
      try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, peer)) {
        server.addNode("server-2");
        server.submit(
            Collections.nCopies(40, ForeignFixture.query(ForeignFixture.USER))
                .toArray(Payload[]::new));
        master.prints("TASK", "WORKER_REQUEST");
        python.connect("b", "tcp", server.tcpPort());
        String alive =
            "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"b-1\",\"SERVER_UUID\":\"server-2\"}";
        JsonObject told = python.asks("b", alive);
        assertThat(server.farm()).extracting(WorkerView::home).containsExactly("B");
        long until = System.nanoTime() + ForeignFixture.LONG.toNanos();
        while (!"RETURN".equals(told.getString("TASK"))) {
          assertThat(System.nanoTime()).as("it is sent home in time").isLessThan(until);
          if ("QUERY".equals(told.getString("TASK"))) {
            python.asks("b", "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"b-1\"}");
          }
          told = python.asks("b", alive);
        }
        assertThat(told.getJsonObject("SERVER_RETURN"))
            .isEqualTo(new JsonObject().put("ip", "127.0.0.1").put("port", peer.port()));
        assertThat(master.prints("TASK", "COMMAND_RELEASE").getJsonArray("WORKERS_UUID"))
            .containsExactly("b-1");
      }
    }
  }
}
