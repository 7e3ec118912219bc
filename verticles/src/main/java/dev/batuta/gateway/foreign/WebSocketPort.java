package dev.batuta.gateway.foreign;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.HeldFrames;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.Origins;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Clients over WebSocket, at any path. A page of another site, which a browser names in {@code
 * Origin}, is refused if it is not listed: it would speak with the address of whoever looks at it.
 * Belongs to the event loop of the door.
 */
final class WebSocketPort {
  private static final int MAX_HEADER_BYTES = 8 << 10;

  /** Beyond so many the first of those that have not asked gives way. */
  private static final int MAX_EARLY = 1_000;

  private static final int FORBIDDEN = 403;
  private static final int UPGRADE_REQUIRED = 426;
  private static final int UNAVAILABLE = 503;

  private final Vertx vertx;
  private final DoorSettings settings;
  private final Origins origins;
  private final DoorCounts counts;
  private final Clients clients;
  private final AtomicLong numbers;
  private final ConnectionLimit limit;
  private final HeldBytes held;

  /** Connections that have not asked yet, since when, who came first in front. */
  private final Map<HttpConnection, Long> early = new LinkedHashMap<>();

  private @Nullable HttpServer server;

  /**
   * @param origins of pages that may open one
   * @param numbers of connections, over all ports of the door
   */
  WebSocketPort(
      Vertx vertx,
      DoorSettings settings,
      Origins origins,
      DoorCounts counts,
      Clients clients,
      AtomicLong numbers) {
    this.vertx = vertx;
    this.settings = settings;
    this.origins = origins;
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
                    .createHttpServer(options())
                    .connectionHandler(this::connected)
                    .requestHandler(this::asked)
                    .listen())
        .map(
            listens -> {
              server = listens;
              return listens.actualPort();
            });
  }

  private HttpServerOptions options() {
    return settings.applyTo(
        new HttpServerOptions()
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setMaxWebSocketFrameSize(settings.maxMessageBytes())
            .setMaxWebSocketMessageSize(settings.maxMessageBytes())
            // What a compressed frame unpacks to has no bound.
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setHttp2ClearTextEnabled(false),
        limit,
        counts);
  }

  Future<Void> close() {
    clients.closeAll();
    return server == null ? Future.succeededFuture() : server.close();
  }

  private void connected(HttpConnection connection) {
    if (early.size() >= MAX_EARLY) {
      HttpConnection first = early.keySet().iterator().next();
      early.remove(first);
      giveWay(first);
    }
    early.put(connection, Clients.nowMillis());
    connection.closeHandler(closed -> early.remove(connection));
  }

  /** Closes those that do not ask; to be called every second or so. */
  void sweep() {
    long before = Clients.nowMillis() - settings.opening().toMillis();
    List<HttpConnection> late =
        early.entrySet().stream()
            .filter(each -> each.getValue() <= before)
            .map(Map.Entry::getKey)
            .toList();
    for (HttpConnection connection : late) {
      counts.refused("too-slow");
      early.remove(connection);
      connection.close();
    }
  }

  private void asked(HttpServerRequest request) {
    InetAddress sender = Hosts.of(request.remoteAddress());
    if (!settings.allowed().allows(sender)) {
      refuse(request, FORBIDDEN, settings.allowed().refusal(sender));
    } else if (!isWebSocket(request)) {
      refuse(
          request,
          UPGRADE_REQUIRED,
          Refused.invalid("invalid-request", "This door is a WebSocket: ask for one."));
    } else if (!isOfAllowedPage(request)) {
      refuse(
          request,
          FORBIDDEN,
          new Refused(
              Failure.Kind.FORBIDDEN,
              "foreign-origin",
              "Pages of this site may not open sockets here; have http.origins list it."));
    } else {
      accept(request);
    }
  }

  private static boolean isWebSocket(HttpServerRequest request) {
    return "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
  }

  private boolean isOfAllowedPage(HttpServerRequest request) {
    return origins.allows(
        request.getHeader(HttpHeaders.ORIGIN),
        request.getHeader(HttpHeaders.HOST),
        Hosts.of(request.remoteAddress()));
  }

  private void refuse(HttpServerRequest request, int status, Refused why) {
    Failure failure = why.failure();
    counts.refused(failure.code());
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Connection", "close")
        .end(Words.nack(failure.code(), failure.message()).encode())
        .onComplete(sent -> request.connection().close());
  }

  private void accept(HttpServerRequest request) {
    limit
        .admit(() -> giveWay(request.connection()))
        .ifPresentOrElse(
            seat -> upgrade(request, seat), () -> refuse(request, UNAVAILABLE, limit.full()));
  }

  private void giveWay(HttpConnection connection) {
    counts.refused(limit.full().failure().code());
    connection.close();
  }

  private void upgrade(HttpServerRequest request, Seat seat) {
    early.remove(request.connection());
    request
        .toWebSocket()
        .onSuccess(socket -> opened(request.connection(), socket, seat))
        .onFailure(malformed -> seat.left());
  }

  private void opened(HttpConnection connection, ServerWebSocket socket, Seat seat) {
    Talk talk =
        new Talk(
            numbers.incrementAndGet(),
            ForeignPeer.Transport.WS,
            Hosts.text(socket.remoteAddress()),
            Hosts.text(socket.localAddress()),
            counts,
            message -> write(socket, message),
            () -> {},
            () -> true);
    Client client =
        new Client(
            talk,
            seat,
            socket::close,
            paused -> {
              if (paused) {
                socket.pause();
              } else {
                socket.resume();
              }
            },
            settings.messagesPerSecond(),
            Clients.nowMillis());
    socket.closeHandler(closed -> clients.closed(client));
    socket.exceptionHandler(broken -> failed(client, broken));
    clients.opened(client);
    HeldFrames.watch(
        vertx, connection, held.share(), () -> clients.flaw(client, Framing.Fault.BUSY));
    socket.textMessageHandler(text -> clients.said(client, text));
    socket.binaryMessageHandler(bytes -> clients.said(client, bytes.toString()));
  }

  /** Vert.x serves a socket no more after what it does not take, and leaves it open. */
  private void failed(Client client, Throwable broken) {
    if (broken instanceof DecoderException || broken instanceof IllegalStateException) {
      clients.flaw(client, Framing.Fault.TOO_LARGE);
    }
  }

  /** A client that does not read what it asked for is closed. */
  private void write(ServerWebSocket socket, String message) {
    if (socket.isClosed()) {
      return;
    }
    if (socket.writeQueueFull()) {
      counts.refused("too-slow");
      socket.close();
    } else {
      counts.sent();
      socket.writeTextMessage(message);
    }
  }
}
