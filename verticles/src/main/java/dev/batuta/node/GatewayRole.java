package dev.batuta.node;

import dev.batuta.gateway.Door;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.GatewayParts;
import dev.batuta.gateway.GatewaySettings;
import dev.batuta.gateway.events.FeedSource;
import dev.batuta.gateway.http.Readiness;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.node.metrics.DoorMetrics;
import dev.batuta.node.metrics.OwnMetrics;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The gateway of a node: what its doors share, and the doors, which it opens in their order and
 * closes in the other one, so that of two doors the later may count on the earlier.
 */
final class GatewayRole {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final Supplier<Future<?>> startShared;
  private final Supplier<Future<?>> stopShared;
  private final List<Door> doors;
  private final Deque<Door> open = new ArrayDeque<>();

  /**
   * @param startShared starts what all doors share, before the first is opened
   * @param stopShared stops it, when the last is closed; without a start it does nothing
   */
  GatewayRole(Supplier<Future<?>> startShared, Supplier<Future<?>> stopShared, List<Door> doors) {
    this.startShared = startShared;
    this.stopShared = stopShared;
    this.doors = List.copyOf(doors);
  }

  /**
   * The doors of a node's configuration.
   *
   * @param server of the same node, if it is one
   * @param reachable whether others reach this node by the bus
   */
  static GatewayRole of(
      Parts parts,
      DoorPlan plan,
      Optional<ServerRole> server,
      BooleanSupplier reachable,
      Supplier<Readiness> readiness,
      OwnMetrics metrics) {
    NodeSettings settings = parts.settings();
    Gateway gateway =
        new Gateway(
            parts.vertx(),
            new GatewaySettings(
                settings.get(Setting.CLUSTER_NAME), settings.get(Setting.PROFILE), ANSWER),
            shown(parts, server));
    metrics.add(List.of(new DoorMetrics(gateway.doors())));
    return new GatewayRole(
        gateway::start,
        gateway::stop,
        DoorList.of(parts, gateway, plan, reachable, readiness, metrics.registry()));
  }

  private static GatewayParts shown(Parts parts, Optional<ServerRole> server) {
    return new GatewayParts(
        parts.bus(),
        parts.membership()::view,
        parts.membership()::servers,
        parts.ledger(),
        new MySqlUserStore(parts.database()),
        parts.coordinator()::view,
        parts.clocks()::latest,
        server.map(role -> new FeedSource(role.messaging()::feed)),
        parts.handlers().kinds(),
        parts.requests()::count);
  }

  /** Opens all doors; when one fails it closes those that are open, and fails with its reason. */
  Future<Void> start() {
    Future<?> opened = startShared.get();
    for (Door door : doors) {
      opened = opened.compose(next -> door.open()).onSuccess(in -> isOpen(door));
    }
    return opened
        .<Void>mapEmpty()
        .recover(failed -> stop().compose(closed -> Future.failedFuture(failed)));
  }

  private synchronized void isOpen(Door door) {
    open.push(door);
  }

  /** Closes the doors that are open; one that fails keeps none of the others open. Any thread. */
  synchronized Future<Void> stop() {
    Future<Void> closed = Future.succeededFuture();
    while (!open.isEmpty()) {
      Door door = open.pop();
      closed = closed.compose(next -> Stopping.step("close " + door.ports(), door::close));
    }
    return closed.compose(next -> Stopping.step("stop what doors share", stopShared));
  }

  /** The ports of all doors, in the order of the doors; safe on any thread. */
  Map<String, Integer> ports() {
    Map<String, Integer> all = new LinkedHashMap<>();
    doors.forEach(door -> all.putAll(door.ports()));
    return Collections.unmodifiableMap(all);
  }
}
