package dev.batuta.gateway.bridge;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.TlsSettings;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The door of the bridge before a server in this JVM. */
abstract class BridgeFixture {
  static final int MAX_BYTES = 64 << 10;
  static final int MAX_CONNECTIONS = 10;

  /** Of frames that are not complete. */
  static final int HELD_BYTES = 4 * MAX_BYTES;

  static ServerFixture server;

  final DoorCounts counts = new DoorCounts();
  BridgeDoor door;

  @BeforeAll
  static void start(@TempDir Path folder) {
    server = new ServerFixture(folder, Set.of());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() {
    door = open(server.gateway(), 1_000);
  }

  @AfterEach
  void close() {
    await(door.close());
  }

  BridgeDoor open(Gateway gateway, int messagesPerSecond) {
    return open(gateway, messagesPerSecond, Optional.empty());
  }

  BridgeDoor open(Gateway gateway, int messagesPerSecond, Optional<TlsSettings> tls) {
    BridgeDoor opened =
        new BridgeDoor(
            server.node().vertx(),
            new DoorSettings(
                "bridge",
                new Listening.Place("127.0.0.1", 0, "bridge.host", "bridge.port"),
                new AllowedHosts(List.of()),
                MAX_CONNECTIONS,
                MAX_BYTES,
                HELD_BYTES,
                messagesPerSecond,
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                tls),
            gateway,
            counts);
    await(opened.open());
    return opened;
  }

  static int port(BridgeDoor door) {
    return Objects.requireNonNull(door.ports().get("bridge"));
  }

  static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  static void coordinator(long epoch) {
    server.node().bus().event("coordinator", new JsonObject().put("epoch", epoch));
  }

  static String alice() {
    return server.token(ServerFixture.ALICE, Duration.ofHours(1));
  }
}
