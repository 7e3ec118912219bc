package dev.batuta.gateway.http;

import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TlsSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the door of HTTP is told.
 *
 * @param host address to listen on
 * @param port 0 for a free one
 * @param maxBodyBytes of a request; more is refused with 413
 * @param maxHeldBytes of all bodies whose requests are not answered, and of what sockets of the
 *     bridge have sent in part; more is refused with 429
 * @param maxConnections at once; more are closed
 * @param maxStreams of events at once; more are refused with 429
 * @param requestsPerSecond of one connection; more are refused with 429
 * @param opening within which a new connection has to make its first request, and before it to end
 *     the handshake of TLS
 * @param idle connections without traffic for so long are closed
 * @param webroot a folder to serve the console from, instead of the packed one
 * @param origins of pages that may open sockets of the bridge
 * @param tls empty for plain HTTP
 * @param metricsToken with which {@code /metrics} is read, and nothing else; empty where only
 *     users' tokens open it, and on a node without users nothing closes it
 */
public record HttpSettings(
    String host,
    int port,
    long maxBodyBytes,
    long maxHeldBytes,
    int maxConnections,
    int maxStreams,
    int requestsPerSecond,
    Duration opening,
    Duration idle,
    Optional<Path> webroot,
    Origins origins,
    Optional<TlsSettings> tls,
    Optional<String> metricsToken) {
  private static final long HELD_BYTES = 64 << 20;

  /** As much for bodies as a node has, or two of the largest need. */
  public static long heldBytes(long maxBodyBytes) {
    return Math.max(HELD_BYTES, 2 * maxBodyBytes);
  }

  /** The same door with this many connections at once. */
  public HttpSettings withMaxConnections(int most) {
    return new HttpSettings(
        host,
        port,
        maxBodyBytes,
        maxHeldBytes,
        most,
        Math.min(maxStreams, most),
        requestsPerSecond,
        opening,
        idle,
        webroot,
        origins,
        tls,
        metricsToken);
  }
}
