package dev.batuta.gateway.http;

import dev.batuta.gateway.Listening;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;

/** Listens for HTTP as the settings say. Belongs to the event loop of its verticle. */
record HttpListener(Vertx vertx, HttpSettings settings, EarlyAnswers early) {

  /**
   * Takes the port; completes once clients can come in.
   *
   * @param routes what answers them
   */
  Future<HttpServer> listen(Handler<HttpServerRequest> routes) {
    return new Listening(vertx, place()).take(() -> server(routes).listen());
  }

  private Listening.Place place() {
    return new Listening.Place(
        settings.host(), settings.port(), "http.host", "--http-port (key http.port)");
  }

  private HttpServer server(Handler<HttpServerRequest> routes) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setMaxHeaderSize(EarlyAnswers.MAX_HEADER_BYTES)
            .setMaxInitialLineLength(EarlyAnswers.MAX_HEADER_BYTES / 2)
            .setMaxWebSocketFrameSize(EventBridge.MAX_FRAME_BYTES)
            .setMaxWebSocketMessageSize(EventBridge.MAX_FRAME_BYTES)
            .setHandle100ContinueAutomatically(true)
            .setHttp2ClearTextEnabled(false)
            // What a compressed frame unpacks to has no bound.
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setIdleTimeout(Math.toIntExact(settings.idle().toSeconds()))
            .setIdleTimeoutUnit(TimeUnit.SECONDS);
    settings.tls().ifPresent(tls -> tls.applyTo(options, settings.opening(), early.handshakes()));
    return vertx
        .createHttpServer(options)
        .connectionHandler(early::connected)
        .invalidRequestHandler(early::invalid)
        .requestHandler(early.before(routes));
  }
}
