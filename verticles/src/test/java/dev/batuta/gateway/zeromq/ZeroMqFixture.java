package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.OutsideClock;
import dev.batuta.codec.ReferenceMessage.Alive;
import dev.batuta.database.Database;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.reference.MySqlRankStore;
import dev.batuta.reference.ReferenceVerticle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A server with the door of ZeroMQ at free ports. */
final class ZeroMqFixture implements AutoCloseable {
  static final int MAX_MESSAGE_BYTES = 128 * 1024;

  private final ServerFixture server;
  private final DoorCounts counts = new DoorCounts();
  private final OutsideClock clocks;
  private final Optional<CurveKey> key;
  private final ZeroMqDoor door;

  ZeroMqFixture(Path folder) {
    this(folder, each -> each);
  }

  /**
   * @param changed the settings of each port, from those that are usual
   */
  ZeroMqFixture(Path folder, UnaryOperator<DoorSettings> changed) {
    this(folder, changed, Optional.empty());
  }

  /**
   * @param key by which it speaks CURVE
   */
  ZeroMqFixture(Path folder, UnaryOperator<DoorSettings> changed, Optional<CurveKey> key) {
    this.key = key;
    server = new ServerFixture(folder, Set.of());
    TestNode node = server.node();
    clocks = new OutsideClock(node.bus().clock());
    Database database = Database.connect(node.vertx(), server.database().address(), 2);
    await(
        node.vertx()
            .deployVerticle(
                new ReferenceVerticle(
                    node.bus(),
                    new MySqlRankStore(database),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    () -> new Alive(ServerFixture.NODE, "", 0))));
    door = door(changed);
    await(door.open());
  }

  private ZeroMqDoor door(UnaryOperator<DoorSettings> changed) {
    return new ZeroMqDoor(
        server.node().vertx(),
        new ZeroMqSettings(
            changed.apply(settings("zeromq-services")),
            changed.apply(settings("zeromq-publications")),
            changed.apply(settings("zeromq-subscriptions")),
            changed.apply(settings("zeromq-reference")),
            key),
        server.gateway(),
        Map.of(
            "zeromq-services", counts,
            "zeromq-publications", counts,
            "zeromq-subscriptions", counts,
            "zeromq-reference", counts),
        clocks,
        System::currentTimeMillis);
  }

  static DoorSettings settings(String name) {
    return new DoorSettings(
        name,
        new Place("127.0.0.1", 0, "zeromq.host", "--set zeromq.port=P"),
        new AllowedHosts(List.of()),
        1_000,
        MAX_MESSAGE_BYTES,
        DoorSettings.heldBytes(MAX_MESSAGE_BYTES),
        100_000,
        Duration.ofMinutes(10),
        Duration.ofSeconds(5),
        Optional.empty());
  }

  ServerFixture server() {
    return server;
  }

  DoorCounts.Figures figures() {
    return counts.figures();
  }

  long refused(String reason) {
    return figures().refused().getOrDefault(reason, 0L);
  }

  OutsideClock clocks() {
    return clocks;
  }

  ZeroMqDoor door() {
    return door;
  }

  int port(String name) {
    return Map.copyOf(door.ports()).getOrDefault(name, 0);
  }

  String endpoint(String name) {
    return "tcp://127.0.0.1:" + port(name);
  }

  /** A client of the messaging services. */
  Asker services() {
    return new Asker(endpoint("zeromq-services"), key.map(CurveKey::publicKey).orElse(null));
  }

  /** A client of the reference service. */
  Asker reference() {
    return new Asker(endpoint("zeromq-reference"));
  }

  @Override
  public void close() {
    await(door.close());
    server.close();
  }
}
