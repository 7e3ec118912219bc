package dev.batuta.gateway.bridge;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.DoorVerticle;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.Leaving;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.events.BridgeDialect;
import dev.batuta.gateway.json.LengthPrefixed;
import io.vertx.core.Future;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves clients of the event bus over TCP on one event loop. */
final class BridgeVerticle extends DoorVerticle {
  private final DoorSettings settings;
  private final Gateway gateway;
  private final DoorCounts counts;
  private final HeldBytes held;
  private final Leaving leaving = new Leaving();
  private final Set<BridgeConnection> connections = new HashSet<>();
  private @Nullable NetServer server;
  private volatile int port;

  BridgeVerticle(DoorSettings settings, Gateway gateway, DoorCounts counts) {
    this.settings = settings;
    this.gateway = gateway;
    this.counts = counts;
    this.held = new HeldBytes(settings.maxHeldBytes());
  }

  @Override
  public Map<String, Integer> ports() {
    int listens = port;
    return listens == 0 ? Map.of() : Map.of(settings.name(), listens);
  }

  @Override
  public Future<?> start() {
    ConnectionLimit limit = new ConnectionLimit(settings.maxConnections());
    return new Listening(vertx, settings.place())
        .take(() -> server(limit).listen())
        .onSuccess(
            listens -> {
              server = listens;
              port = listens.actualPort();
            });
  }

  private NetServer server(ConnectionLimit limit) {
    return vertx
        .createNetServer(settings.applyTo(new NetServerOptions(), limit, counts))
        .connectHandler(socket -> connected(socket, limit));
  }

  private void connected(NetSocket socket, ConnectionLimit limit) {
    InetAddress sender = Hosts.of(socket.remoteAddress());
    if (!settings.allowed().allows(sender)) {
      refuse(socket, settings.allowed().refusal(sender));
      return;
    }
    BridgeConnection connection =
        new BridgeConnection(vertx, socket, settings, held.share(), gateway, counts);
    Optional<Seat> seat = limit.admit(() -> giveWay(socket, connection, limit.full()));
    if (seat.isEmpty()) {
      refuse(socket, limit.full());
      return;
    }
    connections.add(connection);
    connection.closed().onSuccess(gone -> connections.remove(connection));
    connection.open(seat.get());
  }

  private void giveWay(NetSocket socket, BridgeConnection connection, Refused full) {
    if (leaving.mayBeTold(socket)) {
      connection.end(full);
    } else {
      counts.refused(full.failure().code());
      socket.close();
    }
  }

  private void refuse(NetSocket socket, Refused why) {
    counts.refused(why.failure().code());
    if (!leaving.mayBeTold(socket)) {
      socket.close();
      return;
    }
    socket.exceptionHandler(broken -> socket.close());
    Farewell.say(vertx, socket, LengthPrefixed.frame(BridgeDialect.TCP.error(why.failure())));
  }

  /** Nobody comes in any more, and those who are there are told that this node stops. */
  @Override
  public Future<?> stop() {
    Set.copyOf(connections).forEach(BridgeConnection::stop);
    return server == null ? Future.succeededFuture() : server.shutdown(2, TimeUnit.SECONDS);
  }
}
