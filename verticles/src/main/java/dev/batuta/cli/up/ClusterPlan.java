package dev.batuta.cli.up;

import dev.batuta.cli.client.Problem;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.node.ClusterFile;
import dev.batuta.node.DoorKeys;
import dev.batuta.node.NodeSettings;
import dev.batuta.node.Setting;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which servers and workers an {@code up} starts, where they listen, and whose the workers are. */
public record ClusterPlan(
    String cluster, List<ClusterFile.Server> servers, List<ClusterFile.Worker> workers) {
  public static final int USUAL_HTTP_PORT = 8080;
  private static final int STEP = 100;
  private static final int MOST_PORT = 65_535;
  private static final int ANY = 0;

  /**
   * Plans a cluster. Ports that nobody fixed are those of the last time, where they are free.
   *
   * @param workersEach worker processes for each server
   * @param httpPort of server-1, the others 100 apart; 0 for any free ones. The other doors have
   *     the ports of the settings, 100 apart too, where it is the usual one or they are given;
   *     otherwise any free ones
   * @param settings of all nodes
   */
  static ClusterPlan of(
      Path data,
      int servers,
      int workersEach,
      int httpPort,
      NodeSettings settings,
      Ports ports,
      Optional<ClusterFile> before) {
    var scheme = settings.get(Setting.HTTP_TLS) ? "https" : "http";
    // All that are fixed before any free one is taken, which may be one of them.
    var fixed = new ArrayList<Map<String, Integer>>();
    for (int i = 0; i < servers; i++) {
      fixed.add(fixed(httpPort, settings, i, ports));
    }
    var planned = new ArrayList<ClusterFile.Server>();
    for (int i = 0; i < servers; i++) {
      var name = "server-" + (i + 1);
      var old =
          before.flatMap(f -> f.servers().stream().filter(s -> s.name().equals(name)).findFirst());
      var doors = fixed.get(i);
      doors.replaceAll(
          (door, port) ->
              port == ANY ? ports.any(old.map(server -> server.port(door)).orElse(ANY)) : port);
      planned.add(
          new ClusterFile.Server(
              name,
              scheme + "://127.0.0.1:" + doors.get(HttpDoor.PORT),
              doors,
              ports.any(old.map(ClusterFile.Server::clusterPort).orElse(ANY)),
              ports.any(old.map(ClusterFile.Server::busPort).orElse(ANY)),
              0));
    }
    var workers = new ArrayList<ClusterFile.Worker>();
    for (int i = 0; i < servers * workersEach; i++) {
      workers.add(new ClusterFile.Worker("W" + (i + 1), "server-" + (i % servers + 1), 0));
    }
    return new ClusterPlan(name(data), planned, workers);
  }

  /**
   * The ports of the doors that are on, in their order: {@link #ANY} where nobody fixed one.
   *
   * @param server 0 for server-1
   */
  private static Map<String, Integer> fixed(
      int httpPort, NodeSettings settings, int server, Ports ports) {
    var doors = new LinkedHashMap<String, Integer>();
    doors.put(
        HttpDoor.PORT,
        httpPort == ANY ? ANY : ports.fixed(httpPort + STEP * server, remedy(httpPort)));
    for (var door : DoorKeys.all()) {
      if (settings.get(door.enabled())) {
        boolean isFixed = httpPort == USUAL_HTTP_PORT || settings.isGiven(door.port());
        doors.put(
            door.name(), isFixed ? port(door, settings.get(door.port()), server, ports) : ANY);
      }
    }
    return doors;
  }

  /**
   * @param first of server-1
   */
  private static int port(DoorKeys door, int first, int server, Ports ports) {
    if (first == ANY) {
      return ANY;
    }
    var key = door.port();
    int number = first + STEP * server;
    if (number > MOST_PORT) {
      throw Problem.unsure(
          "bad-setting",
          "%s is %d: server-%d would have port %d, and %d is the highest"
              .formatted(key.key(), first, server + 1, number, MOST_PORT));
    }
    return ports.fixed(
        number,
        "stop it, move the door %s by %s, switch it off by %s=false, or move all by --http-port 9090"
            .formatted(door.name(), key.variable(), door.enabled().variable()));
  }

  private static String remedy(int httpPort) {
    return "stop it, or choose other ports by --http-port %s (0 for any free ones)"
        .formatted(httpPort == USUAL_HTTP_PORT ? "9090" : "P");
  }

  /** The name of the cluster of a data folder: equal for the same folder, different for others. */
  static String name(Path data) {
    try {
      var hash =
          MessageDigest.getInstance("SHA-256")
              .digest(data.toString().getBytes(StandardCharsets.UTF_8));
      return "batuta-" + HexFormat.of().formatHex(hash, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
