package dev.batuta.node;

import dev.batuta.bus.OutsideClock;
import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.bridge.BridgeDoor;
import dev.batuta.gateway.foreign.ForeignDoor;
import dev.batuta.gateway.foreign.ForeignSettings;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.gateway.http.Readiness;
import dev.batuta.gateway.platform.MySqlRegistrationStore;
import dev.batuta.gateway.platform.PlatformDoor;
import dev.batuta.gateway.zeromq.ZeroMqDoor;
import dev.batuta.gateway.zeromq.ZeroMqSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes the doors of a node, each with figures of its own, which the gateway shows. */
final class DoorList {
  private final Gateway gateway;
  private final DoorPlan plan;
  private final List<Door> made = new ArrayList<>();

  DoorList(Gateway gateway, DoorPlan plan) {
    this.gateway = gateway;
    this.plan = plan;
  }

  /**
   * All that the plan opens.
   *
   * @param reachable whether others reach this node by the bus
   */
  static List<Door> of(
      Parts parts,
      Gateway gateway,
      DoorPlan plan,
      BooleanSupplier reachable,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    DoorList list = new DoorList(gateway, plan);
    Vertx vertx = parts.vertx();
    OutsideClock outside = new OutsideClock(parts.bus().clock());
    list.addHttp(vertx, readiness, metrics);
    list.addTogether(
        "workers",
        "workers and masters, JSON",
        List.of(DoorKeys.WORKERS_WS, DoorKeys.WORKERS_TCP),
        (ports, counts) ->
            new ForeignDoor(vertx, foreign(parts, plan.http().origins(), ports, counts), gateway));
    list.addTogether(
        "zeromq",
        "messaging, ZeroMQ",
        DoorKeys.ZEROMQ,
        (ports, counts) ->
            new ZeroMqDoor(
                vertx, zeroMq(ports), gateway, counts, outside, parts.clock()::timeMillis));
    list.add(
        DoorKeys.PLATFORM,
        (settings, counts) ->
            new PlatformDoor(
                vertx,
                settings,
                gateway,
                counts,
                new PlatformDoor.Farm(
                    parts.settings().get(Setting.WORKER_HEARTBEAT),
                    reachable,
                    outside::received,
                    new MySqlRegistrationStore(parts.database()))));
    list.add(
        DoorKeys.BRIDGE, (settings, counts) -> new BridgeDoor(vertx, settings, gateway, counts));
    return list.all();
  }

  private static ForeignSettings foreign(
      Parts parts, Origins origins, Map<DoorKeys, DoorSettings> ports, DoorCounts counts) {
    return new ForeignSettings(
        side(ports, DoorKeys.WORKERS_TCP, counts),
        side(ports, DoorKeys.WORKERS_WS, counts),
        origins,
        parts.settings().get(Setting.PEERS),
        "");
  }

  private static Optional<ForeignSettings.Side> side(
      Map<DoorKeys, DoorSettings> ports, DoorKeys port, DoorCounts counts) {
    return Optional.ofNullable(ports.get(port))
        .map(settings -> new ForeignSettings.Side(settings, counts));
  }

  /** All four are there: {@link DoorPlan}. */
  private static ZeroMqSettings zeroMq(Map<DoorKeys, DoorSettings> ports) {
    return new ZeroMqSettings(
        Objects.requireNonNull(ports.get(DoorKeys.ZEROMQ_SERVICES)),
        Objects.requireNonNull(ports.get(DoorKeys.ZEROMQ_PUBLISH)),
        Objects.requireNonNull(ports.get(DoorKeys.ZEROMQ_SUBSCRIBE)),
        Objects.requireNonNull(ports.get(DoorKeys.ZEROMQ_REFERENCE)));
  }

  private void addHttp(
      Vertx vertx, Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    DoorCounts counts = new DoorCounts();
    Door door = new HttpDoor(vertx, plan.http(), gateway, counts, readiness, metrics);
    String protocol = plan.http().tls().isPresent() ? "HTTPS" : "HTTP";
    gateway
        .doors()
        .show(door, HttpDoor.PORT, protocol, Map.of(HttpDoor.PORT, plan.http().host()), counts);
    made.add(door);
  }

  /** Adds a door of one port, if the plan opens it. */
  void add(DoorKeys port, BiFunction<DoorSettings, DoorCounts, Door> make) {
    DoorSettings settings = plan.doors().get(port);
    if (settings != null) {
      addTogether(
          port.name(),
          port.protocol(),
          List.of(port),
          (all, counts) -> make.apply(settings, counts));
    }
  }

  /**
   * Adds a door of several ports, with those that the plan opens, if there are any.
   *
   * @param name by which it is shown
   * @param protocol in a few words
   */
  void addTogether(
      String name,
      String protocol,
      List<DoorKeys> ports,
      BiFunction<Map<DoorKeys, DoorSettings>, DoorCounts, Door> make) {
    Map<DoorKeys, DoorSettings> settings = new LinkedHashMap<>(plan.doors());
    settings.keySet().retainAll(ports);
    if (settings.isEmpty()) {
      return;
    }
    DoorCounts counts = new DoorCounts();
    Door door = make.apply(settings, counts);
    Map<String, String> hosts = new LinkedHashMap<>();
    settings.forEach((port, each) -> hosts.put(port.name(), each.place().host()));
    boolean tls = settings.values().stream().anyMatch(each -> each.tls().isPresent());
    gateway.doors().show(door, name, tls ? protocol + ", TLS" : protocol, hosts, counts);
    made.add(door);
  }

  List<Door> all() {
    return List.copyOf(made);
  }
}
