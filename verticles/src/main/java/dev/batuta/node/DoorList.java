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
import dev.batuta.gateway.zeromq.CurveKey;
import dev.batuta.gateway.zeromq.ZeroMqDoor;
import dev.batuta.gateway.zeromq.ZeroMqSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the doors of a node, each port with figures of its own, which the gateway shows. */
final class DoorList {
  /** A port that is to be opened, and what will go through it. */
  record Opened(DoorSettings settings, DoorCounts counts) {}

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
        List.of(DoorKeys.WORKERS_WS, DoorKeys.WORKERS_TCP),
        ports ->
            new ForeignDoor(
                vertx,
                foreign(parts, plan.http().origins(), ports),
                gateway,
                parts.settings().get(Setting.FOREIGN_LEASE)));
    list.addTogether(
        DoorKeys.ZEROMQ,
        ports ->
            new ZeroMqDoor(
                vertx,
                zeroMq(ports, plan.curve()),
                gateway,
                counts(ports),
                outside,
                parts.clock()::timeMillis));
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
      Parts parts, Origins origins, Map<DoorKeys, Opened> ports) {
    return new ForeignSettings(
        side(ports, DoorKeys.WORKERS_TCP),
        side(ports, DoorKeys.WORKERS_WS),
        origins,
        parts.settings().get(Setting.PEERS));
  }

  private static Optional<ForeignSettings.Side> side(Map<DoorKeys, Opened> ports, DoorKeys port) {
    return Optional.ofNullable(ports.get(port))
        .map(opened -> new ForeignSettings.Side(opened.settings(), opened.counts()));
  }

  /** All four are there: {@link DoorPlan}. */
  private static ZeroMqSettings zeroMq(Map<DoorKeys, Opened> ports, Optional<CurveKey> curve) {
    return new ZeroMqSettings(
        settings(ports, DoorKeys.ZEROMQ_SERVICES),
        settings(ports, DoorKeys.ZEROMQ_PUBLISH),
        settings(ports, DoorKeys.ZEROMQ_SUBSCRIBE),
        settings(ports, DoorKeys.ZEROMQ_REFERENCE),
        curve);
  }

  private static DoorSettings settings(Map<DoorKeys, Opened> ports, DoorKeys port) {
    return Objects.requireNonNull(ports.get(port)).settings();
  }

  private static Map<String, DoorCounts> counts(Map<DoorKeys, Opened> ports) {
    Map<String, DoorCounts> counts = new HashMap<>();
    ports.forEach((port, opened) -> counts.put(port.name(), opened.counts()));
    return counts;
  }

  private void addHttp(
      Vertx vertx, Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    DoorCounts counts = new DoorCounts();
    Door door = new HttpDoor(vertx, plan.http(), gateway, counts, readiness, metrics);
    String protocol = plan.http().tls().isPresent() ? "HTTPS" : "HTTP";
    gateway.doors().show(door, HttpDoor.PORT, protocol, plan.http().host(), counts);
    made.add(door);
  }

  /** Adds a door of one port, if the plan opens it. */
  void add(DoorKeys port, BiFunction<DoorSettings, DoorCounts, Door> make) {
    addTogether(
        List.of(port),
        ports -> {
          Opened opened = Objects.requireNonNull(ports.get(port));
          return make.apply(opened.settings(), opened.counts());
        });
  }

  /** Adds a door of several ports, with those that the plan opens, if there are any. */
  void addTogether(List<DoorKeys> ports, Function<Map<DoorKeys, Opened>, Door> make) {
    Map<DoorKeys, Opened> opened = new LinkedHashMap<>();
    plan.doors()
        .forEach(
            (port, settings) -> {
              if (ports.contains(port)) {
                opened.put(port, new Opened(settings, new DoorCounts()));
              }
            });
    if (opened.isEmpty()) {
      return;
    }
    Door door = make.apply(opened);
    opened.forEach((port, each) -> show(door, port, each));
    made.add(door);
  }

  private void show(Door door, DoorKeys port, Opened opened) {
    String protocol = port.protocol() + encryption(port, opened.settings());
    String host = opened.settings().place().host();
    gateway.doors().show(door, port.name(), protocol, host, opened.counts());
  }

  private String encryption(DoorKeys port, DoorSettings settings) {
    if (settings.tls().isPresent()) {
      return ", TLS";
    }
    return DoorKeys.ZEROMQ.contains(port) && plan.curve().isPresent() ? ", CURVE" : "";
  }

  List<Door> all() {
    return List.copyOf(made);
  }
}
