package dev.batuta.node;

import dev.batuta.bus.BusProbe;
import dev.batuta.bus.Member;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ClusterMessage.Port;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.gateway.http.Readiness;
import dev.batuta.node.metrics.CoordinatorMetrics;
import dev.batuta.node.metrics.Family;
import dev.batuta.node.metrics.LedgerMetrics;
import dev.batuta.node.metrics.NodeMetrics;
import dev.batuta.orchestrator.dispatch.FarmView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a node shows of itself, whatever its roles: its heartbeat to the others, its readiness to
 * clients and probes, its metrics. It asks the node each time, so it may be read from any thread.
 *
 * @param doors empty without a gateway
 * @param state where the node is in its life
 * @param server its role as a server, empty without one and before it starts
 * @param ports the ports of its gateway by name; empty before it has them
 */
record NodeReport(
    Parts parts,
    OwnHost host,
    Optional<DoorPlan> doors,
    BusProbe probe,
    Supplier<NodeState> state,
    Supplier<Optional<ServerRole>> server,
    Supplier<Map<String, Integer>> ports) {

  /** Where clients reach it by HTTP, empty while they cannot. */
  String url() {
    Integer port = ports.get().get(HttpDoor.PORT);
    if (port == null) {
      return "";
    }
    DoorPlan plan = doors.orElseThrow();
    String scheme = plan.http().tls().isPresent() ? "https://" : "http://";
    return scheme + inUrl(plan.hostOf(HttpDoor.PORT, host.name())) + ":" + port;
  }

  /** An address of IPv6 stands in brackets in a URL. */
  static String inUrl(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  Readiness readiness() {
    List<String> missing = new ArrayList<>();
    if (state.get() != NodeState.READY) {
      missing.add("the node is " + state.get().name().toLowerCase(Locale.ROOT));
    }
    if (!probe.proven()) {
      missing.add("the event bus has not been proven by a message to itself");
    }
    if (!parts.health().reached()) {
      missing.add("the database is not reached");
    }
    if (server.get().isPresent() && parts.coordinator().coordinator().isEmpty()) {
      missing.add("no coordinator is known");
    }
    server
        .get()
        .flatMap(serving -> serving.messaging().outage())
        .ifPresent(why -> missing.add("messages are not taken: " + why));
    return new Readiness(missing);
  }

  Heartbeat heartbeat() {
    Optional<ServerRole> serving = server.get();
    FarmView farm = serving.flatMap(ServerRole::farm).orElse(FarmView.NONE);
    return new Heartbeat(
        parts.name(),
        parts.incarnation(),
        parts.cluster().manager().getNodeId(),
        ProcessHandle.current().pid(),
        url(),
        parts.settings().get(Setting.NODE_ROLES),
        serving.map(ServerRole::rank).orElse(0),
        state.get(),
        parts.clock().offsetMicros(),
        serving.map(ServerRole::load).orElse(0),
        parts.requests().value(),
        parts.health().reached(),
        farm.queued(),
        farm.running(),
        farm.serving(),
        farm.borrowed(
            parts.name(), parts.membership().servers().stream().map(Member::name).toList()),
        shownPorts());
  }

  private List<Port> shownPorts() {
    String own = host.name();
    return ports.get().entrySet().stream()
        .map(
            port ->
                new Port(
                    port.getKey(),
                    port.getValue(),
                    doors.map(plan -> plan.hostOf(port.getKey(), own)).orElse(own)))
        .toList();
  }

  /** The metrics of a node of whatever roles. */
  List<Family> metrics() {
    NodeSettings settings = parts.settings();
    NodeMetrics.Self self =
        new NodeMetrics.Self(
            parts.name(),
            settings.get(Setting.NODE_ROLES),
            Math.max(1, settings.get(Setting.CLUSTER_SERVERS).size()),
            () -> readiness().missing().isEmpty(),
            parts.health()::reached);
    return List.of(
        new NodeMetrics(self, parts.database(), parts.clock(), parts.membership()::view),
        new CoordinatorMetrics(parts.coordinator()),
        new LedgerMetrics(parts.ledger().counts()));
  }
}
