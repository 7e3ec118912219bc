package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.lending.Thresholds;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** To whom workers are lent that ask for them, and which: by masters without a listener. */
class RequestsOfMastersTest {
  private static final Thresholds USUAL = new Thresholds(100, 10, 1, Duration.ofSeconds(2));
  private static final Thresholds EAGER = new Thresholds(100, 10, 1, Duration.ofMillis(200));
  private static final WorkerTimes TIMES = new WorkerTimes(100, 2_000, 300, 20_000);
  private static final ForeignPeer OVER_TCP =
      new ForeignPeer("m2", "127.0.0.1", 9_102, Transport.TCP);
  private static final ForeignPeer OVER_WS =
      new ForeignPeer("m3", "127.0.0.1", 9_103, Transport.WS);
  private static final String REQUEST = "{\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":1}";

  private final Python python = Python.start("sockets.py");

  @AfterEach
  void end() {
    python.close();
  }

  private static int port(ForeignFixture server, String transport) {
    return transport.equals("tcp") ? server.tcpPort() : server.webSocketPort();
  }

  private JsonObject once(ForeignFixture server, String transport, String json) {
    return python.once(transport, port(server, transport), json);
  }

  private JsonObject alive(ForeignFixture server, String transport, String worker) {
    return once(
        server, transport, "{\"WORKER\":\"ALIVE\",\"WORKER_UUID\":\"%s\"}".formatted(worker));
  }

  /** Presents workers, which wait until they are members. */
  private void present(ForeignFixture server, String transport, String... workers) {
    for (String worker : workers) {
      assertThat(alive(server, transport, worker).getString("TASK")).isEqualTo("NO_TASK");
    }
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> server.farm().size() == workers.length);
  }

  /** Asks for one worker, and says who it is by where it is. */
  private JsonObject request(ForeignFixture server, ForeignPeer of) {
    String from =
        "{\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":1,\"REQUESTOR_INFO\":{\"ip\":\"%s\",\"port\":%d}}"
            .formatted(of.host(), of.port());
    return once(server, of.transport() == Transport.TCP ? "tcp" : "ws", from);
  }

  /** What a master is answered that asks until it is lent a worker. */
  private static JsonObject untilLent(Supplier<JsonObject> asks) {
    JsonObject[] response = {new JsonObject()};
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(
            () -> {
              response[0] = asks.get();
              return "ACK".equals(response[0].getString("STATUS"));
            });
    return response[0];
  }

  /** Where the worker is sent that a master was lent. */
  private JsonObject isSent(ForeignFixture server, String transport, JsonObject response) {
    assertThat(response.getString("STATUS")).isEqualTo("ACK");
    JsonObject told = alive(server, transport, response.getJsonArray("WORKERS").getString(0));
    assertThat(told.getString("TASK")).isEqualTo("REDIRECT");
    return told.getJsonObject("SERVER_REDIRECT");
  }

  private static JsonObject place(ForeignPeer of) {
    return new JsonObject().put("ip", of.host()).put("port", of.port());
  }

  @Test
  void aMasterIsLentOnlyWorkersThatSpeakWhatItSpeaks() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, OVER_TCP, OVER_WS)) {
      present(server, "ws", "w-1", "w-2", "w-3");
      JsonObject response =
          untilLent(
              () -> {
                JsonObject refused = request(server, OVER_TCP);
                assertThat(refused.getString("STATUS")).as("none can go").isEqualTo("NACK");
                assertThat(refused.getJsonArray("WORKERS")).isEmpty();
                return request(server, OVER_WS);
              });
      assertThat(isSent(server, "ws", response)).isEqualTo(place(OVER_WS));
    }
  }

  @Test
  void aWorkerThatGoesOnOverTheOtherTransportCanGoWhereThatIsSpoken() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, OVER_TCP, OVER_WS)) {
      present(server, "ws", "w-1", "w-2");
      alive(server, "tcp", "w-1");
      alive(server, "tcp", "w-2");
      JsonObject response = untilLent(() -> request(server, OVER_TCP));
      assertThat(isSent(server, "tcp", response)).isEqualTo(place(OVER_TCP));
    }
  }

  @Test
  void workersThatNobodySentHereAreLentAtOnce() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, USUAL, OVER_TCP)) {
      present(server, "tcp", "w-1", "w-2");
      assertThat(request(server, OVER_TCP).getString("STATUS")).isEqualTo("ACK");
    }
  }

  @Test
  void whoDoesNotSayWhereItIsIsNotPromisedWorkersThatCouldNotFindIt() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER)) {
      present(server, "tcp", "w-1", "w-2");
      String stranger = "{\"SERVER_UUID\":\"m9\",\"TASK\":\"WORKER_REQUEST\",\"WORKERS_NEEDED\":1}";
      untilLent(
          () -> {
            assertThat(once(server, "tcp", stranger).getString("STATUS")).isEqualTo("NACK");
            return request(server, OVER_TCP);
          });
    }
  }

  @Test
  void ofSeveralMastersOfOneAddressTheOneAsksThatItsConnectionNamed() {
    ForeignPeer other = new ForeignPeer("m4", "127.0.0.1", 9_104, Transport.TCP);
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, OVER_TCP, other)) {
      present(server, "tcp", "w-1", "w-2");
      JsonObject response =
          untilLent(
              () -> {
                python.connect("m4", "tcp", server.tcpPort());
                python.asks("m4", "{\"SERVER_UUID\":\"m4\",\"TASK\":\"HEARTBEAT\"}");
                return python.asks("m4", REQUEST);
              });
      assertThat(isSent(server, "tcp", response)).isEqualTo(place(other));
    }
  }

  @Test
  void ofSeveralMastersOfOneAddressTheOneAsksThatSpeaksItsTransport() {
    try (ForeignFixture server = new ForeignFixture(TIMES, 100, EAGER, OVER_TCP, OVER_WS)) {
      present(server, "tcp", "w-1", "w-2");
      JsonObject response = untilLent(() -> once(server, "tcp", REQUEST));
      assertThat(isSent(server, "tcp", response)).isEqualTo(place(OVER_TCP));
    }
  }
}
