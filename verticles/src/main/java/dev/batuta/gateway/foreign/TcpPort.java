package dev.batuta.gateway.foreign;

import dev.batuta.codec.Failure;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
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
    if (!settings.allowed().allows(Hosts.of(socket.remoteAddress()))) {
      turnAway(socket, "forbidden", "this door takes nobody from this address");
      return;
    }
    limit
        .admit(() -> giveWay(socket))
        .ifPresentOrElse(seat -> serve(socket, seat), () -> oneTooMany(socket));
  }

  private void giveWay(NetSocket socket) {
    counts.refused(limit.full().failure().code());
    socket.close();
  }

  private void oneTooMany(NetSocket socket) {
    Failure full = limit.full().failure();
    turnAway(socket, full.code(), full.message());
  }

  private void serve(NetSocket socket, Seat seat) {
    Framing framing = new Framing(settings.maxMessageBytes(), JsonBounds.MAX_DEPTH);
    OwedAnswers answers = new OwedAnswers(vertx, socket);
    Talk talk =
        new Talk(
            numbers.incrementAndGet(),
            ForeignPeer.Transport.TCP,
            Hosts.text(socket.remoteAddress()),
            Hosts.text(socket.localAddress()),
            counts,
            message -> write(socket, message),
            answers::answered,
            framing::sawNewline);
    Client client =
        new Client(
            talk,
            seat,
            () -> Farewell.close(vertx, socket),
            paused -> {
              if (paused) {
                answers.paused();
                socket.pause();
              } else {
                socket.resume();
              }
            },
            settings.messagesPerSecond(),
            Clients.nowMillis());
    socket.closeHandler(
        closed -> {
          answers.closed();
          clients.closed(client);
        });
    socket.exceptionHandler(broken -> {}); // it is closed then
    clients.opened(client);
    answers.onEnd(waits -> clients.ended(client, waits));
    socket.handler(
        bytes -> {
          for (Framing.Piece piece : framing.take(bytes.getBytes())) {
            answers.asked();
            switch (piece) {
              case Framing.Piece.Text(String json) -> clients.said(client, json);
              case Framing.Piece.Flaw(Framing.Fault fault) -> clients.flaw(client, fault);
            }
          }
          clients.received(client, framing.isWithin());
        });
  }

  /** A client that does not read what it asked for is closed. */
  private void write(NetSocket socket, String message) {
    counts.sent();
    if (socket.writeQueueFull()) {
      counts.refused("too-slow");
      Farewell.cutOff(socket);
    } else {
      socket.write(message + "\n");
    }
  }

  private void turnAway(NetSocket socket, String code, String why) {
    counts.refused(code);
    socket.exceptionHandler(broken -> {});
    socket.end(io.vertx.core.buffer.Buffer.buffer(Words.nack(code, why).encode() + "\n"));
  }
}
