package dev.batuta.gateway.foreign;

import static dev.batuta.gateway.foreign.ForeignFixture.NODE;
import static dev.batuta.gateway.foreign.ForeignFixture.USER;
import static dev.batuta.gateway.foreign.ForeignFixture.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.lending.Thresholds;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows between server and server, by masters in Python through the real ports. */
class MasterRowsTest {
  private static final Thresholds EAGER = new Thresholds(5, 2, 1, Duration.ofMillis(200));
  private static final WorkerTimes TIMES = new WorkerTimes(100, 2_000, 300, 20_000);

  private static ForeignFixture server(ForeignPeer... peers) {
    return new ForeignFixture(TIMES, 100, EAGER, peers);
  }

  private static ForeignPeer peer(Python master, Transport transport) {
    return new ForeignPeer("B", "127.0.0.1", Integer.parseInt(master.prints()), transport);
  }

  private static int port(ForeignFixture server, String transport) {
    return transport.equals("tcp") ? server.tcpPort() : server.webSocketPort();
  }

  private static JsonObject ask(
      Python python, ForeignFixture server, String transport, String said) {
    return python.once(transport, port(server, transport), said);
  }

  @Test
  void heartbeatsAreAnsweredInTheirDialectAndAnswersNever() {
    try (ForeignFixture server = server();
        Python python = Python.start("sockets.py")) {
      for (String transport : List.of("tcp", "ws")) {
        JsonObject received = new JsonObject("{\"SERVER\":\"ALIVE\",\"TASK\":\"RECIEVE\"}");
        assertThat(ask(python, server, transport, "{\"SERVER\":\"ALIVE\",\"TASK\":\"REQUEST\"}"))
            .isEqualTo(received);
        assertThat(ask(python, server, transport, "{\"SERVER\":\"ALIVE\"}")).isEqualTo(received);
        assertThat(ask(python, server, transport, "{\"SERVER_UUID\":\"A\",\"TASK\":\"HEARTBEAT\"}"))
            .isEqualTo(
                new JsonObject(
                    "{\"SERVER_UUID\":\"server-1\",\"TASK\":\"HEARTBEAT\",\"RESPONSE\":\"ALIVE\"}"));
        assertThat(ask(python, server, transport, "{\"SERVER_ID\":\"A\",\"TASK\":\"HEARTBEAT\"}"))
            .isEqualTo(
                new JsonObject(
                    "{\"SERVER_ID\":\"A\",\"TASK\":\"HEARTBEAT\",\"RESPONSE\":\"ALIVE\"}"));
      }
      python.connect("c", "tcp", server.tcpPort());
      python.line("c", "{\"SERVER_UUID\":\"A\",\"TASK\":\"HEARTBEAT\",\"RESPONSE\":\"ALIVE\"}");
      assertThat(python.does("read c 1")).isEqualTo("TIMEOUT");
    }
  }

  @Test
  void whoAsksWhileNoneIsToSpareIsRefusedInBothDialects() {
    try (ForeignFixture server = server();
        Python python = Python.start("sockets.py")) {
      JsonObject refusal =
          new JsonObject()
              .put("TASK", "WORKER_RESPONSE")
              .put("STATUS", "NACK")
              .put("MASTER", NODE)
              .put("WORKERS", new JsonArray())
              .put("SERVER_UUID", NODE)
              .put("RESPONSE", "UNAVAILABLE");
      assertThat(
              ask(
                  python,
                  server,
                  "tcp",
                  "{\"TASK\":\"WORKER_REQUEST\",\"REQUESTOR_INFO\":{\"ip\":\"127.0.0.1\",\"port\":9}}"))
          .isEqualTo(refusal);
      assertThat(ask(python, server, "tcp", "{\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":5}"))
          .as("from nobody knows where")
          .isEqualTo(refusal);
    }
  }

  @Test
  void requestsThatOverlapAreAllAnswered() {
    try (ForeignFixture server = server();
        Python python = Python.start("sockets.py")) {
      python.connect("a", "tcp", server.tcpPort());
      String request =
          "{\"SERVER_UUID\":\"A\",\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":1,"
              + "\"REQUESTOR_INFO\":{\"ip\":\"127.0.0.1\",\"port\":9}}";
      python.bare("a", request + request);
      assertThat(readObjects(python, "a", 2)).hasSize(2).allMatch(json -> json.contains("NACK"));
      String release =
          "{\"SERVER_UUID\":\"A\",\"TASK\":\"COMMAND_RELEASE\",\"WORKERS_UUID\":[\"%s\"]}";
      python.bare("a", release.formatted("w-1") + release.formatted("w-2"));
      assertThat(readObjects(python, "a", 2))
          .hasSize(2)
          .allMatch(json -> json.contains("RELEASE_ACK"))
          .anyMatch(json -> json.contains("w-1"))
          .anyMatch(json -> json.contains("w-2"));
    }
  }

  /** As one read may bring several. */
  private static List<String> readObjects(Python python, String connection, int count) {
    List<String> objects = new ArrayList<>();
    for (int reads = 0; reads < count && objects.size() < count; reads++) {
      objects.addAll(List.of(python.reads(connection).split("\\\\n")));
    }
    return objects;
  }

  /** As they say where they are; without a word it is where they are configured to be. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"REQUESTOR_INFO\":{\"ip\":\"127.0.0.1\",\"port\":%d}",
        ",\"MASTER\":{\"ip\":\"127.0.0.1\",\"port\":%d}",
        ""
      })
  void workersAreLentRedirectedGivenBackAndTheirReturnTold(String from) {
    try (Python master = Python.start("master.py", "A-uuid", "uuid", "tcp");
        Python python = Python.start("sockets.py")) {
      ForeignPeer peer = peer(master, Transport.TCP);
      try (ForeignFixture server = server(peer)) {
        master.prints("TASK", "HEARTBEAT");
        String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_ID\":\"%s\"}";
        for (String worker : List.of("w-1", "w-2")) {
          ask(python, server, "tcp", alive.formatted(worker));
        }
        String request =
            ("{\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":5" + from + "}")
                .formatted(peer.port());
        JsonObject[] response = {new JsonObject()};
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(
                () -> {
                  response[0] = ask(python, server, "tcp", request);
                  return "ACK".equals(response[0].getString("STATUS"));
                });
        JsonArray lent = response[0].getJsonArray("WORKERS");
        assertThat(lent).as("one is kept").hasSize(1);
        assertThat(response[0])
            .isEqualTo(
                new JsonObject()
                    .put("TASK", "WORKER_RESPONSE")
                    .put("STATUS", "ACK")
                    .put("MASTER", NODE)
                    .put("WORKERS", lent)
                    .put("SERVER_UUID", NODE)
                    .put("RESPONSE", "AVAILABLE")
                    .put("WORKERS_UUID", lent));
        String worker = lent.getString(0);

        JsonObject redirect = ask(python, server, "tcp", alive.formatted(worker));
        assertThat(redirect)
            .isEqualTo(
                new JsonObject(
                    """
                    {"TASK":"REDIRECT","TARGET_MASTER":{"IP":"127.0.0.1","PORT":%1$d},
                     "HOME_MASTER":{"IP":"127.0.0.1","PORT":%2$d},"FAILOVER_LIST":[],
                     "SERVER_REDIRECT":{"ip":"127.0.0.1","port":%1$d},
                     "MASTER_REDIRECT":["127.0.0.1",%1$d]}
                    """
                        .formatted(peer.port(), server.tcpPort())));
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(() -> server.farm().stream().noneMatch(each -> each.id().equals(worker)));

        String release =
            "{\"SERVER_UUID\":\"A-uuid\",\"TASK\":\"COMMAND_RELEASE\",\"WORKERS_UUID\":[\"%s\"]}"
                .formatted(worker);
        assertThat(ask(python, server, "tcp", release)).isEqualTo(released("RELEASE_ACK", worker));
        ask(python, server, "tcp", alive.formatted(worker));
        assertThat(master.prints("RESPONSE", "RELEASE_COMPLETED"))
            .isEqualTo(released("RELEASE_COMPLETED", worker));
      }
    }
  }

  private static JsonObject released(String response, String worker) {
    return new JsonObject()
        .put("SERVER_UUID", NODE)
        .put("RESPONSE", response)
        .put("WORKERS_UUID", new JsonArray().add(worker));
  }

  @ParameterizedTest
  @CsvSource({"uuid, TCP", "plain, TCP", "id, TCP", "uuid, WS", "plain, WS"})
  void workersOfAMasterOfEachDialectAreBorrowedAndSentHome(String dialect, Transport transport) {
    String over = transport.name().toLowerCase(Locale.ROOT);
    try (Python master = Python.start("master.py", "B-uuid", dialect, over, "b-1");
        Python python = Python.start("sockets.py")) {
      ForeignPeer peer = peer(master, transport);
      try (ForeignFixture server = server(peer)) {
        Payload[] many = Collections.nCopies(40, query(USER)).toArray(Payload[]::new);
        List<Long> ids = server.submit(many);
        JsonObject request = master.prints("TASK", "WORKER_REQUEST");
        assertThat(request.getInteger("WORKERS_NEEDED")).isPositive();
        assertThat(request.getJsonObject("REQUESTOR_INFO"))
            .isEqualTo(new JsonObject().put("ip", "127.0.0.1").put("port", port(server, over)));

        python.connect("b", over, port(server, over));
        String alive = "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"b-1\"}";
        JsonObject told = python.asks("b", alive);
        // It may come before its master's answer does, and is then known to be lent a little later.
        Set<String> homes = new LinkedHashSet<>();
        while (!Objects.equals(told.getString("TASK"), "RETURN")) {
          server.farm().forEach(worker -> homes.add(worker.home()));
          if (Objects.equals(told.getString("TASK"), "QUERY")) {
            assertThat(python.asks("b", "{\"STATUS\":\"OK\",\"WORKER_UUID\":\"b-1\"}"))
                .isEqualTo(new JsonObject().put("STATUS", "ACK"));
          }
          told = python.asks("b", alive);
        }
        assertThat(homes).endsWith("B");
        assertThat(told)
            .isEqualTo(
                new JsonObject()
                    .put("TASK", "RETURN")
                    .put(
                        "SERVER_RETURN",
                        new JsonObject().put("ip", "127.0.0.1").put("port", peer.port())));
        assertThat(master.prints("TASK", "COMMAND_RELEASE"))
            .isEqualTo(
                new JsonObject()
                    .put("SERVER_UUID", NODE)
                    .put("TASK", "COMMAND_RELEASE")
                    .put("WORKERS_UUID", new JsonArray().add("b-1")));
        assertThat(ids).allSatisfy(id -> assertThat(server.ended(id).attempt()).isEqualTo(1));
        python.connect("x", "tcp", server.tcpPort());
        python.line(
            "x",
            "{\"SERVER_UUID\":\"B-uuid\",\"RESPONSE\":\"RELEASE_COMPLETED\",\"WORKERS_UUID\":[\"b-1\"]}");
        assertThat(python.does("read x 0.5")).as("it has no answer").isEqualTo("TIMEOUT");
      }
    }
  }
}
