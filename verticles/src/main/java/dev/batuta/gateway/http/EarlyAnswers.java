package dev.batuta.gateway.http;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Handshakes;
import dev.batuta.gateway.MessageBudget;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a client is told before there is a route: that it is one too many, that it asks too often,
 * or that it does not speak HTTP. Belongs to the event loop of its verticle.
 */
final class EarlyAnswers {
  static final int MAX_HEADER_BYTES = 16 * 1024;

  /** Connections beyond the limit that are kept until they can be told so. */
  private static final int MAX_REFUSED = 100;

  /** For so long one that may not stay has time to ask and be told. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

  private static final Duration SECOND = Duration.ofSeconds(1);

  /** More than this between two looks that are to be a second apart. */
  private static final Duration STANDSTILL = Duration.ofSeconds(2);

  private final Vertx vertx;
  private final HttpSettings settings;
  private final ConnectionLimit limit;
  private final DoorCounts counts;
  private final Set<HttpConnection> refused = new HashSet<>();
  private final Map<HttpConnection, Client> clients = new HashMap<>();
  private final Looks looks = new Looks(STANDSTILL, System.nanoTime());

  /** One that may stay. */
  private static final class Client {
    final Seat seat;
    final MessageBudget requests;
    final Pace pace;
    boolean upgrades;

    Client(Seat seat, MessageBudget requests, Pace pace) {
      this.seat = seat;
      this.requests = requests;
      this.pace = pace;
    }
  }

  EarlyAnswers(Vertx vertx, HttpSettings settings, DoorCounts counts) {
    this.vertx = vertx;
    this.settings = settings;
    this.limit = new ConnectionLimit(settings.maxConnections());
    this.counts = counts;
    vertx.setPeriodic(SECOND.toMillis(), again -> closeThoseTooSlow());
  }

  /** Before TLS is spoken nobody can be told anything; the limit holds all the same. */
  Handshakes handshakes() {
    return new Handshakes(everybody -> true, limit, counts);
  }

  /**
   * Lets a connection in while there is room, or another one gives way. HTTP has no word for a
   * client that has asked nothing: a few of those beyond the limit stay until their first request,
   * the rest is closed at once, as is later who was let in and says nothing.
   */
  void connected(HttpConnection connection) {
    limit
        .admit(() -> giveWay(connection))
        .ifPresentOrElse(seat -> admitted(connection, seat), () -> oneTooMany(connection));
  }

  private void admitted(HttpConnection connection, Seat seat) {
    counts.opened();
    MessageBudget requests = new MessageBudget(settings.requestsPerSecond());
    clients.put(connection, new Client(seat, requests, Pace.of(connection, settings.opening())));
    connection.closeHandler(closed -> forget(connection));
  }

  /**
   * Nobody tells of the end of a connection that became a WebSocket: Vert.x (5.0.10) calls the
   * close handler that it had before no more. Its channel tells.
   */
  private void upgrades(HttpConnection connection, Client client) {
    if (!client.upgrades && connection instanceof ConnectionBase base) {
      client.upgrades = true;
      Context context = vertx.getOrCreateContext();
      base.channel()
          .closeFuture()
          .addListener(closed -> context.runOnContext(here -> forget(connection)));
    }
  }

  private void giveWay(HttpConnection connection) {
    counts.refused(limit.full().failure().code());
    connection.close();
  }

  private void oneTooMany(HttpConnection connection) {
    counts.refused(limit.full().failure().code());
    if (refused.size() >= MAX_REFUSED) {
      connection.close();
      return;
    }
    refused.add(connection);
    long timer = vertx.setTimer(REFUSED_FOR.toMillis(), late -> connection.close());
    connection.closeHandler(
        closed -> {
          vertx.cancelTimer(timer);
          refused.remove(connection);
        });
  }

  private void forget(HttpConnection connection) {
    Client client = clients.remove(connection);
    if (client != null) {
      counts.closed();
      client.seat.left();
    }
  }

  private void closeThoseTooSlow() {
    long now = System.nanoTime();
    if (looks.judges(now)) {
      closeThoseTooSlow(now);
    }
  }

  private void closeThoseTooSlow(long now) {
    List<Map.Entry<HttpConnection, Client>> late =
        clients.entrySet().stream().filter(each -> each.getValue().pace.isTooSlow(now)).toList();
    late.forEach(each -> tooSlow(each.getKey(), each.getValue().pace));
  }

  private void tooSlow(HttpConnection connection, Pace pace) {
    if (!pace.isToBeTold()) {
      return;
    }
    counts.refused("too-slow");
    HttpServerRequest request = pace.incomplete();
    HttpResponseStatus status = HttpResponseStatus.REQUEST_TIMEOUT;
    if (request != null && !request.response().headWritten()) {
      String sentence =
          "The body comes at less than %d bytes a second; send less at once, or faster."
              .formatted(Pace.LEAST_BYTES_PER_SECOND);
      end(request, status.code(), status.reasonPhrase(), "too-slow", sentence);
    } else if (request == null && pace.hasBegun()) {
      String sentence =
          "The header was not whole within %d ms; send it at once."
              .formatted(settings.opening().toMillis());
      JsonObject problem =
          Problems.body(status.code(), status.reasonPhrase(), "too-slow", sentence);
      pace.answer(status.toString(), Problems.MEDIA_TYPE, problem.encode())
          .addListener(sent -> connection.close());
    } else {
      connection.close(); // There is nothing to be answered.
    }
  }

  /** Answers those that may not stay or ask too often, and leaves all others to the routes. */
  Handler<HttpServerRequest> before(Handler<HttpServerRequest> routes) {
    return request -> {
      if (refused.contains(request.connection())) {
        request.response().putHeader("Connection", "close");
        answer(request, limit.full().failure()).onComplete(sent -> request.connection().close());
      } else if (mayAsk(request)) {
        routes.handle(request);
      } else {
        Failure often = tooOften().failure();
        counts.received();
        counts.refused(often.code());
        answer(request, often).onSuccess(sent -> counts.sent());
      }
    };
  }

  private boolean mayAsk(HttpServerRequest request) {
    Client client = clients.get(request.connection());
    if (client == null) { // closed meanwhile: there is nobody to be told
      return true;
    }
    long now = System.nanoTime();
    client.seat.spoke();
    client.pace.asked(request, now);
    if (request.headers().contains(HttpHeaders.UPGRADE)) {
      upgrades(request.connection(), client);
    }
    return client.requests.take(now);
  }

  private Refused tooOften() {
    return Refused.busy(
        "too-many-requests",
        "More than %d requests a second came by this connection; send less, or many things in one request."
            .formatted(settings.requestsPerSecond()),
        SECOND);
  }

  private static Future<Void> answer(HttpServerRequest request, Failure failure) {
    int status = Problems.status(failure.kind());
    String title = HttpResponseStatus.valueOf(status).reasonPhrase();
    request
        .response()
        .putHeader("Retry-After", Long.toString(Math.ceilDiv(failure.retryAfterMillis(), 1000)));
    return send(request, status, title, failure.code(), failure.message());
  }

  /** What is not HTTP, or too much of it. */
  void invalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    int status =
        cause instanceof TooLongHttpLineException
            ? 414
            : cause instanceof TooLongHttpHeaderException ? 431 : 400;
    String detail =
        status == 400
            ? "This is not a valid HTTP request."
            : "The address or the headers are too long; send at most "
                + MAX_HEADER_BYTES
                + " bytes of headers.";
    end(
        request,
        status,
        "Not a valid HTTP request",
        status == 400 ? "bad-request" : "headers-too-large",
        detail);
    counts.refused(status == 400 ? "bad-request" : "headers-too-large");
  }

  /** The last answer of a connection. */
  private static void end(
      HttpServerRequest request, int status, String title, String code, String detail) {
    request.response().putHeader("Connection", "close");
    send(request, status, title, code, detail).onComplete(sent -> request.connection().close());
  }

  private static Future<Void> send(
      HttpServerRequest request, int status, String title, String code, String detail) {
    return request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", Problems.MEDIA_TYPE)
        .end(Problems.body(status, title, code, detail).toBuffer());
  }
}
