package dev.batuta.cli.up;

import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.node.ClusterFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which servers and workers an {@code up} starts, where they listen, and whose the workers are. */
public record ClusterPlan(
    String cluster, List<ClusterFile.Server> servers, List<ClusterFile.Worker> workers) {
  public static final int USUAL_HTTP_PORT = 8080;
  private static final int STEP = 100;

  /**
   * Plans a cluster. Ports that nobody fixed are those of the last time, where they are free.
   *
   * @param workersEach worker processes for each server
   * @param httpPort of server-1, the others 100 apart; 0 for any free ones
   */
  static ClusterPlan of(
      Path data,
      int servers,
      int workersEach,
      int httpPort,
      Ports ports,
      Optional<ClusterFile> before) {
    var planned = new ArrayList<ClusterFile.Server>();
    for (int i = 0; i < servers; i++) {
      var name = "server-" + (i + 1);
      var old =
          before.flatMap(f -> f.servers().stream().filter(s -> s.name().equals(name)).findFirst());
      int http =
          httpPort == 0
              ? ports.any(old.map(server -> server.port(HttpDoor.PORT)).orElse(0))
              : ports.fixed(httpPort + STEP * i, remedy(httpPort));
      planned.add(
          new ClusterFile.Server(
              name,
              "http://127.0.0.1:" + http,
              Map.of(HttpDoor.PORT, http),
              ports.any(old.map(ClusterFile.Server::clusterPort).orElse(0)),
              ports.any(old.map(ClusterFile.Server::busPort).orElse(0)),
              0));
    }
    var workers = new ArrayList<ClusterFile.Worker>();
    for (int i = 0; i < servers * workersEach; i++) {
      workers.add(new ClusterFile.Worker("W" + (i + 1), "server-" + (i % servers + 1), 0));
    }
    return new ClusterPlan(name(data), planned, workers);
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
