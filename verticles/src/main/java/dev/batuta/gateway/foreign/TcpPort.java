package dev.batuta.gateway.foreign;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.Leaving;
import dev.batuta.gateway.Listening;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Clients over TCP. Belongs to the event loop of the door. */
final class TcpPort {
  private final Vertx vertx;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Clients clients;
  private final AtomicLong numbers;
  private final ConnectionLimit limit;
  private final HeldBytes held;
  private final Leaving leaving = new Leaving();
  private @Nullable NetServer server;

  /**
   * @param numbers of connections, over all ports of the door
   */
  TcpPort(
      Vertx vertx, DoorSettings settings, DoorCounts counts, Clients clients, AtomicLong numbers) {
    this.vertx = vertx;
    this.settings = settings;
    this.counts = counts;
    this.clients = clients;
    this.numbers = numbers;
    this.limit = new ConnectionLimit(settings.maxConnections());
    this.held = new HeldBytes(settings.maxHeldBytes());
  }

  /** Gives the port. */
  Future<Integer> open() {
    return new Listening(vertx, settings.place())
        .take(
            () ->
                vertx
                    .createNetServer(settings.applyTo(new NetServerOptions(), limit, counts))
                    .connectHandler(this::connected)
                    .listen())
        .map(
            listens -> {
              server = listens;
              return listens.actualPort();
            });
  }

  Future<Void> close() {
    clients.closeAll();
    return server == null ? Future.succeededFuture() : server.close();
  }

  private void connected(NetSocket socket) {
    InetAddress sender = Hosts.of(socket.remoteAddress());
    if (!settings.allowed().allows(sender)) {
      turnAway(socket, settings.allowed().refusal(sender));
      return;
    }
    Promise<Client> served = Promise.promise();
    limit
        .admit(() -> served.future().onSuccess(client -> giveWay(socket, client)))
        .ifPresentOrElse(
            seat -> served.complete(serve(socket, seat)), () -> turnAway(socket, limit.full()));
  }

  private void giveWay(NetSocket socket, Client client) {
    if (leaving.mayBeTold(socket)) {
      clients.end(client, limit.full());
    } else {
      counts.refused(limit.full().failure().code());
      socket.close();
    }
  }

  private Client serve(NetSocket socket, Seat seat) {
    TcpClient served = new TcpClient(vertx, socket, settings, counts, clients, held);
    return served.open(numbers.incrementAndGet(), seat);
  }

  private void turnAway(NetSocket socket, Refused why) {
    Failure failure = why.failure();
    counts.refused(failure.code());
    if (!leaving.mayBeTold(socket)) {
      socket.close();
      return;
    }
    socket.exceptionHandler(broken -> socket.close());
    String nack = Words.nack(failure.code(), failure.message()).encode();
    Farewell.say(vertx, socket, Buffer.buffer(nack + "\n"));
  }
}
