package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.ClusterMessage.AskDoors;
import dev.batuta.codec.ClusterMessage.Doors;
import dev.batuta.codec.ClusterMessage.OpenDoor;
import dev.batuta.codec.ClusterMessage.Refusals;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.zeromq.CurveKey;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorListTest {
  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TestCluster CLUSTER = TestCluster.start("server-1", "server-2");

  private final Gateway gateway =
      BareGateway.of(
          CLUSTER.node("server-1"),
          Database.connect(CLUSTER.node("server-1").vertx(), DATABASE.address(), 2),
          "demo");

  @AfterAll
  static void close() {
    CLUSTER.close();
    DATABASE.close();
  }

  /** A door with the ports of its settings, which it never takes. */
  private record Told(Map<String, Integer> ports) implements Door {
    static Told of(Iterable<DoorSettings> all) {
      Map<String, Integer> ports = new LinkedHashMap<>();
      all.forEach(each -> ports.put(each.name(), each.place().port()));
      return new Told(ports);
    }

    @Override
    public Future<?> open() {
      return Future.succeededFuture();
    }

    @Override
    public Future<?> close() {
      return Future.succeededFuture();
    }
  }

  @Test
  void doorsThatThePlanOpensAreMadeAndAnyNodeIsToldWhatWentThrough() {
    Map<String, String> flags = new HashMap<>(Map.of("doors.bridge.enabled", "true"));
    DoorKeys.ZEROMQ.forEach(port -> flags.put(port.enabled().key(), "true"));
    DoorList list = new DoorList(gateway, plan(flags));
    list.add(DoorKeys.PLATFORM, (settings, counts) -> new Told(Map.of()));
    list.addTogether(
        DoorKeys.ZEROMQ,
        ports -> {
          Objects.requireNonNull(ports.get(DoorKeys.ZEROMQ_PUBLISH)).counts().received();
          return Told.of(ports.values().stream().map(DoorList.Opened::settings).toList());
        });
    list.add(DoorKeys.BRIDGE, DoorListTest::busy);

    assertThat(list.all()).hasSize(2);
    Doors told = told();

    assertThat(told.node()).isEqualTo("server-1");
    assertThat(told.doors())
        .extracting(OpenDoor::name, OpenDoor::address, OpenDoor::received)
        .containsExactly(
            tuple("zeromq-services", "127.0.0.1:5555", 0L),
            tuple("zeromq-publish", "127.0.0.1:5557", 1L),
            tuple("zeromq-subscribe", "127.0.0.1:5558", 0L),
            tuple("zeromq-reference", "127.0.0.1:5559", 0L),
            tuple("bridge", "127.0.0.1:7000", 2L));
    assertThat(told.doors().getLast())
        .isEqualTo(
            new OpenDoor(
                "bridge",
                "event-bus bridge over TCP",
                "127.0.0.1:7000",
                1,
                2,
                1,
                List.of(new Refusals("busy", 2), new Refusals("malformed-json", 1))));
  }

  @Test
  void eachPortSaysForItselfWhetherItSpeaksTls(@TempDir Path folder) throws IOException {
    String pem = Files.createFile(folder.resolve("node.pem")).toString();
    DoorList list =
        new DoorList(
            gateway,
            plan(
                Map.of(
                    "doors.workers-ws.enabled", "true",
                    "doors.workers-tcp.enabled", "true",
                    "doors.workers-tcp.tls", "true",
                    "tls.certificate", pem,
                    "tls.key", pem)));
    list.addTogether(
        List.of(DoorKeys.WORKERS_WS, DoorKeys.WORKERS_TCP),
        ports -> Told.of(ports.values().stream().map(DoorList.Opened::settings).toList()));
    assertThat(list.all()).hasSize(1);
    assertThat(told().doors())
        .extracting(OpenDoor::name, OpenDoor::protocol)
        .containsExactly(
            tuple("workers-ws", "workers and masters, JSON over WebSocket"),
            tuple("workers-tcp", "workers and masters, JSON over TCP, TLS"));
  }

  @Test
  void thePortsOfZeroMqSayTogetherThatTheySpeakCurve(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("curve.key"), CurveKey.random().secret());
    Map<String, String> flags =
        new HashMap<>(Map.of("doors.bridge.enabled", "true", "tls.curve-key", file.toString()));
    DoorKeys.ZEROMQ.forEach(port -> flags.put(port.enabled().key(), "true"));
    DoorList list = new DoorList(gateway, plan(flags));
    list.addTogether(
        DoorKeys.ZEROMQ,
        ports -> Told.of(ports.values().stream().map(DoorList.Opened::settings).toList()));
    list.add(DoorKeys.BRIDGE, DoorListTest::busy);
    assertThat(told().doors())
        .extracting(OpenDoor::protocol)
        .containsExactly(
            "messaging, ZeroMQ REP, CURVE",
            "topics, ZeroMQ XSUB, CURVE",
            "topics, ZeroMQ XPUB, CURVE",
            "reference, ZeroMQ REP, CURVE",
            "event-bus bridge over TCP");
  }

  /** What another node is told. */
  private Doors told() {
    await(gateway.start());
    Doors told =
        await(
            CLUSTER
                .node("server-2")
                .bus()
                .request(
                    Addresses.doors("server-1"),
                    new AskDoors(),
                    Doors.class,
                    Duration.ofSeconds(10)));
    await(gateway.stop());
    return told;
  }

  private static Door busy(DoorSettings settings, DoorCounts counts) {
    counts.opened();
    counts.opened();
    counts.closed();
    counts.received();
    counts.received();
    counts.sent();
    List.of("malformed-json", "busy", "busy").forEach(counts::refused);
    return Told.of(List.of(settings));
  }

  private static DoorPlan plan(Map<String, String> flags) {
    return DoorPlan.of(NodeSettings.load("production", null, Map.of(), flags));
  }
}
