package dev.batuta.gateway;

import io.vertx.core.net.NetServerOptions;
import java.time.Duration;
import java.util.Optional;

/**
 * What every door keeps, whatever its protocol.
 *
 * @param name of its port in {@link Door#ports}, such as {@code workers-tcp}
 * @param place where it listens
 * @param allowed the hosts that may come in; on a door whose protocol has no credentials that is
 *     the only lock
 * @param maxConnections at once
 * @param maxMessageBytes of one message of a client, from 1 KiB
 * @param maxHeldBytes of messages of all clients that are not complete; over ZeroMQ, not handled
 * @param messagesPerSecond of one connection, beyond which it is told to wait; of one address where
 *     each connection carries one message
 * @param idle after which a connection that says nothing is closed; over ZeroMQ one that never said
 *     anything, and where each connection carries one message, one that does not read the answer
 * @param opening within which a new connection has to say its first whole message, and before it to
 *     end the handshake of TLS; over ZeroMQ its greeting
 * @param tls empty where it speaks no TLS, as ZeroMQ never does, which has CURVE
 */
public record DoorSettings(
    String name,
    Listening.Place place,
    AllowedHosts allowed,
    int maxConnections,
    int maxMessageBytes,
    long maxHeldBytes,
    int messagesPerSecond,
    Duration idle,
    Duration opening,
    Optional<TlsSettings> tls) {

  private static final long HELD_BYTES = 16 << 20;

  /** As much for messages that are not complete as a door has, or two of the largest need. */
  public static long heldBytes(int maxMessageBytes) {
    return Math.max(HELD_BYTES, 2L * maxMessageBytes);
  }

  /** The same door with this many connections at once. */
  public DoorSettings withMaxConnections(int most) {
    return new DoorSettings(
        name,
        place,
        allowed,
        most,
        maxMessageBytes,
        maxHeldBytes,
        messagesPerSecond,
        idle,
        opening,
        tls);
  }

  /**
   * Has a server listen at this place, and speak TLS if it is to.
   *
   * @param limit of the connections of this server, which hold a place in it from their handshake
   *     on
   * @param counts hears of the handshakes that fail
   */
  public <O extends NetServerOptions> O applyTo(
      O options, ConnectionLimit limit, DoorCounts counts) {
    options.setHost(place.host()).setPort(place.port()).setTcpKeepAlive(true);
    tls.ifPresent(
        files -> files.applyTo(options, opening, new Handshakes(allowed::allows, limit, counts)));
    return options;
  }
}
