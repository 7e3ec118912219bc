package dev.batuta.gateway.http;

import dev.batuta.codec.Failure;
import dev.batuta.gateway.Listening;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * What a client is told before there is a route: that it is one too many, or that it does not speak
 * HTTP. Belongs to the event loop of its verticle.
 */
final class EarlyAnswers {
  static final int MAX_HEADER_BYTES = 16 * 1024;

  /** Connections beyond the limit that are kept until they can be told so. */
  private static final int MAX_REFUSED = 100;

  /** For so long one that may not stay has time to ask and be told. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Listening listening;
  private final Set<HttpConnection> refused = new HashSet<>();

  EarlyAnswers(Vertx vertx, Listening listening) {
    this.vertx = vertx;
    this.listening = listening;
  }

  /**
   * Lets a connection in while there is room. HTTP has no word for a client that has asked nothing:
   * a few of those beyond the limit stay until their first request, the rest is closed at once.
   */
  void connected(HttpConnection connection) {
    if (listening.admit(connection::closeHandler)) {
      return;
    }
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

  /** Answers those that may not stay, and leaves all others to the routes. */
  Handler<HttpServerRequest> before(Handler<HttpServerRequest> routes) {
    return request -> {
      if (refused.contains(request.connection())) {
        Failure full = listening.full().failure();
        request
            .response()
            .putHeader("Retry-After", Long.toString(Math.ceilDiv(full.retryAfterMillis(), 1000)));
        int status = Problems.status(full.kind());
        String title = HttpResponseStatus.valueOf(status).reasonPhrase();
        end(request, status, title, full.code(), full.message());
      } else {
        routes.handle(request);
      }
    };
  }

  /** What is not HTTP, or too much of it. */
  static void invalid(HttpServerRequest request) {
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
  }

  private static void end(
      HttpServerRequest request, int status, String title, String code, String detail) {
    JsonObject problem =
        new JsonObject()
            .put("type", "about:blank")
            .put("title", title)
            .put("status", status)
            .put("detail", detail)
            .put("code", code);
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", Problems.MEDIA_TYPE)
        .putHeader("Connection", "close")
        .end(problem.toBuffer())
        .onComplete(sent -> request.connection().close());
  }
}
