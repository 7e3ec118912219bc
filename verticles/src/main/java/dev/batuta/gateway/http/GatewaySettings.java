package dev.batuta.gateway.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the HTTP gateway of a node is told.
 *
 * @param cluster name of the cluster, shown to clients
 * @param profile in {@code demo} everybody may see the cluster
 * @param host address to listen on
 * @param port 0 for a free one
 * @param maxBodyBytes of a request; more is refused with 413
 * @param maxConnections at once; more are closed
 * @param maxStreams of events at once; more are refused with 429
 * @param idle connections without traffic for so long are closed
 * @param answer how long a request may wait for the rest of the cluster
 * @param webroot a folder to serve the console from, instead of the packed one
 */
public record GatewaySettings(
    String cluster,
    String profile,
    String host,
    int port,
    long maxBodyBytes,
    int maxConnections,
    int maxStreams,
    Duration idle,
    Duration answer,
    Optional<Path> webroot) {

  /** The defaults for a cluster. */
  public static GatewaySettings of(String cluster, String profile, String host, int port) {
    return new GatewaySettings(
        cluster,
        profile,
        host,
        port,
        8 << 20,
        10_000,
        2_000,
        Duration.ofSeconds(90),
        Duration.ofSeconds(5),
        Optional.empty());
  }

  boolean isDemo() {
    return profile.equals("demo");
  }
}
