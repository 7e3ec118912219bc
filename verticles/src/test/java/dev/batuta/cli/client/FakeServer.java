package dev.batuta.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server whose answers a test decides. */
public final class FakeServer implements AutoCloseable {
  /** What was asked. */
  public record Asked(
      String method,
      String path,
      @Nullable String token,
      @Nullable String key,
      @Nullable String lastEventId,
      String text,
      JsonNode body) {}

  /** What is answered; status 0 closes the connection without an answer. */
  public record Reply(int status, String body) {}

  public final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  public FakeServer(Function<Asked, Reply> answers) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, answers));
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange, Function<Asked, Reply> answers) throws IOException {
    try (exchange) {
      var headers = exchange.getRequestHeaders();
      var text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var body = Output.JSON.readTree(text);
      var question =
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              headers.getFirst("Authorization"),
              body.path("idempotencyKey").asText(headers.getFirst("Idempotency-Key")),
              headers.getFirst("Last-Event-ID"),
              text,
              body);
      asked.add(question);
      var reply = answers.apply(question);
      if (reply.status() > 0) {
        var bytes = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
