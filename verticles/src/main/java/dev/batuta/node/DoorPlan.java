package dev.batuta.node;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.foreign.ForeignPeer;
import dev.batuta.gateway.http.HttpSettings;
import dev.batuta.gateway.zeromq.CurveKey;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The doors that a configuration opens. Read before the node joins its cluster, so that what cannot
 * be opened stops the start with its sentence.
 *
 * @param doors besides HTTP, in the order in which they are shown
 * @param curve by which those of ZeroMQ speak CURVE; empty where they speak in the clear, or not
 */
public record DoorPlan(
    HttpSettings http, Map<DoorKeys, DoorSettings> doors, Optional<CurveKey> curve) {
  private static final Logger LOG = LoggerFactory.getLogger(DoorPlan.class);
  private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::", "0:0:0:0:0:0:0:0");
  private static final Pattern METRICS_TOKEN = Pattern.compile("[!-~]{16,256}");
  private static final int MAX_CONNECTIONS = 10_000;
  private static final int MAX_STREAMS = 2_000;

  /**
   * Of libraries, the database, the logs, the other nodes, connections that are refused, and those
   * that are accepted and wait ({@link dev.batuta.gateway.BoundedAccepts}).
   */
  private static final long OWN_FILES = 3_000;

  private static final Duration IDLE = Duration.ofSeconds(90);

  /**
   * Reads them.
   *
   * @throws SettingsException that names the key that has to be changed
   */
  public static DoorPlan of(NodeSettings settings) {
    Map<DoorKeys, DoorSettings> doors = new LinkedHashMap<>();
    DoorKeys.all().forEach(keys -> keys.in(settings).ifPresent(door -> doors.put(keys, door)));
    checkZeroMq(doors.keySet());
    leaveZeroMqToServers(settings, doors.keySet());
    checkPeers(settings, doors.keySet());
    boolean isZeroMqOpen = doors.containsKey(DoorKeys.ZEROMQ_SERVICES);
    return new DoorPlan(
        http(settings), doors, isZeroMqOpen ? DoorKeys.curve(settings) : Optional.empty());
  }

  /**
   * The same doors with no more connections than this process may have files open. Where all do not
   * fit each door has its share of them, so that the limits of all together leave the node what it
   * needs itself.
   */
  DoorPlan withinOpenFiles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? within(unix.getMaxFileDescriptorCount())
        : this;
  }

  /**
   * As {@link #withinOpenFiles}.
   *
   * @param files how many this process may have open
   */
  DoorPlan within(long files) {
    long free = files - Math.min(OWN_FILES, files / 2);
    long wanted =
        http.maxConnections()
            + doors.values().stream().mapToLong(DoorSettings::maxConnections).sum();
    if (wanted <= free) {
      return this;
    }
    LOG.atWarn()
        .addKeyValue("connections", wanted)
        .addKeyValue("files", files)
        .log(
            "doors take fewer connections than configured: this process may not have so many files open (ulimit -n)");
    IntUnaryOperator share = most -> (int) Math.max(1, most * free / wanted);
    Map<DoorKeys, DoorSettings> fewer = new LinkedHashMap<>();
    doors.forEach(
        (keys, door) ->
            fewer.put(keys, door.withMaxConnections(share.applyAsInt(door.maxConnections()))));
    return new DoorPlan(
        http.withMaxConnections(share.applyAsInt(http.maxConnections())), fewer, curve);
  }

  /**
   * The host by which others reach a port: where it listens, or the node's own where that is
   * everywhere.
   *
   * @param port by its name
   * @param nodeHost by which others reach the node
   */
  String hostOf(String port, String nodeHost) {
    String host =
        doors.entrySet().stream()
            .filter(door -> door.getKey().name().equals(port))
            .map(door -> door.getValue().place().host())
            .findFirst()
            .orElse(http.host());
    return EVERYWHERE.contains(host) ? nodeHost : host;
  }

  private static void checkZeroMq(Set<DoorKeys> open) {
    Map<Boolean, List<DoorKeys>> ports =
        DoorKeys.ZEROMQ.stream().collect(Collectors.partitioningBy(open::contains));
    List<DoorKeys> on = ports.getOrDefault(true, List.of());
    List<DoorKeys> off = ports.getOrDefault(false, List.of());
    if (!on.isEmpty() && !off.isEmpty()) {
      throw new SettingsException(
          "%s is true and %s is false: the four ports of ZeroMQ are one door, enable all or none"
              .formatted(on.getFirst().enabled().key(), off.getFirst().enabled().key()));
    }
  }

  /**
   * What subscribers hear is the stream of the server of their node. Without one the door that a
   * profile opens stays closed, and one that was asked for stops the start.
   */
  private static void leaveZeroMqToServers(NodeSettings settings, Set<DoorKeys> open) {
    if (settings.get(Setting.NODE_ROLES).contains("server")) {
      return;
    }
    for (DoorKeys port : DoorKeys.ZEROMQ) {
      if (open.contains(port) && settings.isGiven(port.enabled())) {
        throw new SettingsException(
            "%s is true, and this node is no server, whose messages subscribers of ZeroMQ hear: add server to node.roles, or set it to false"
                .formatted(port.enabled().key()));
      }
    }
    open.removeAll(DoorKeys.ZEROMQ);
  }

  /** Masters come in by the doors of workers, and exchange workers with a server. */
  private static void checkPeers(NodeSettings settings, Set<DoorKeys> open) {
    List<ForeignPeer> peers = settings.get(Setting.PEERS);
    if (peers.isEmpty()) {
      return;
    }
    if (!open.contains(DoorKeys.WORKERS_TCP) && !open.contains(DoorKeys.WORKERS_WS)) {
      throw new SettingsException(
          "peers are given, and no door is open for them: set %s or %s to true, or leave peers empty"
              .formatted(
                  DoorKeys.WORKERS_TCP.enabled().key(), DoorKeys.WORKERS_WS.enabled().key()));
    }
    if (!settings.get(Setting.NODE_ROLES).contains("server")) {
      throw new SettingsException(
          "peers are given, and this node is no server, which alone lends and borrows: add server"
              + " to node.roles, or leave peers empty");
    }
    List<String> servers = settings.get(Setting.CLUSTER_SERVERS);
    for (ForeignPeer peer : peers) {
      if (servers.contains(peer.name()) || peer.name().equals(settings.get(Setting.NODE_NAME))) {
        throw new SettingsException(
            "peers names "
                + peer.name()
                + ", a server of this cluster: give the other master another name");
      }
    }
  }

  /**
   * The door of HTTP alone, for a node without a gateway.
   *
   * @throws SettingsException that names the key that has to be changed
   */
  static DoorPlan ofHttp(NodeSettings settings) {
    return new DoorPlan(http(settings), Map.of(), Optional.empty());
  }

  private static HttpSettings http(NodeSettings settings) {
    String webroot = settings.get(Setting.HTTP_WEBROOT);
    return new HttpSettings(
        settings.get(Setting.HTTP_HOST),
        settings.get(Setting.HTTP_PORT),
        settings.get(Setting.HTTP_MAX_BODY),
        HttpSettings.heldBytes(settings.get(Setting.HTTP_MAX_BODY)),
        MAX_CONNECTIONS,
        MAX_STREAMS,
        settings.get(Setting.HTTP_RATE),
        settings.get(Setting.HTTP_OPENING),
        IDLE,
        webroot.isEmpty() ? Optional.empty() : Optional.of(Path.of(webroot)),
        origins(settings),
        settings.get(Setting.HTTP_TLS)
            ? Optional.of(DoorKeys.tls(settings, Setting.HTTP_TLS))
            : Optional.empty(),
        metricsToken(settings));
  }

  /** Its value is not said: it is a secret, also where it is none that a header carries. */
  private static Optional<String> metricsToken(NodeSettings settings) {
    String token = settings.get(Setting.HTTP_METRICS_TOKEN);
    if (!token.isEmpty() && !METRICS_TOKEN.matcher(token).matches()) {
      throw new SettingsException(
          "%s has %d characters: give it 16 to 256 visible ones of ASCII, or none"
              .formatted(Setting.HTTP_METRICS_TOKEN.key(), token.length()));
    }
    return Optional.of(token).filter(given -> !given.isEmpty());
  }

  private static Origins origins(NodeSettings settings) {
    try {
      return new Origins(settings.get(Setting.HTTP_ORIGINS));
    } catch (IllegalArgumentException wrong) {
      throw new SettingsException(Setting.HTTP_ORIGINS.key() + ": " + wrong.getMessage());
    }
  }
}
