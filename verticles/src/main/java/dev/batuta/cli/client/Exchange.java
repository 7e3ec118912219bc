package dev.batuta.cli.client;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * One request to one server, whatever it answers. Safe on any thread; an interrupted one throws a
 * {@link Problem}.
 */
final class Exchange {
  /** Within which a server answers what it does not hold back. */
  static final Duration ANSWER = Duration.ofSeconds(8);

  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Escapes carry any text as it was given, also what the server will refuse. */
  private static final ObjectWriter WRITER =
      Output.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private final HttpClient http;

  /** What to ask. A request without key and of another method than GET must not be sent twice. */
  record Ask(
      String method,
      String path,
      @Nullable JsonNode body,
      @Nullable String key,
      Duration patience) {
    boolean repeatable() {
      return key != null || method.equals("GET");
    }
  }

  /**
   * @param trust whose certificates it takes, empty for Java's own choice
   */
  Exchange(Optional<SSLContext> trust) {
    var client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    trust.ifPresent(client::sslContext);
    http = client.build();
  }

  HttpResponse<String> send(String server, Ask ask, Optional<String> token) throws IOException {
    var request =
        request(server, ask.path(), token)
            .timeout(ask.patience())
            .header("Accept", "application/json, application/problem+json");
    var body = ask.body();
    if (body == null) {
      request.method(ask.method(), BodyPublishers.noBody());
    } else {
      request
          .header("Content-Type", "application/json")
          .method(ask.method(), BodyPublishers.ofByteArray(WRITER.writeValueAsBytes(body)));
    }
    var key = ask.key();
    if (key != null && (body == null || !body.has(Api.KEY))) {
      request.header("Idempotency-Key", ascii(key));
    }
    return send(request.build(), BodyHandlers.ofString());
  }

  /** Opens a stream of events; the body is to be closed. */
  HttpResponse<InputStream> open(
      String server, String path, @Nullable String lastEventId, Optional<String> token)
      throws IOException {
    var request =
        request(server, path, token).timeout(ANSWER).header("Accept", "text/event-stream");
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return send(request.build(), BodyHandlers.ofInputStream());
  }

  private static HttpRequest.Builder request(String server, String path, Optional<String> token) {
    var request = HttpRequest.newBuilder(URI.create(server + "/api/v1" + path));
    token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
    return request;
  }

  /** The HTTP client would send a question mark for what is beyond ASCII: one key for many. */
  private static String ascii(String key) {
    if (key.chars().allMatch(c -> c >= ' ' && c < 0x7F)) {
      return key;
    }
    throw Problem.unsure(
        "bad-key", "--key '%s' has characters that are not ASCII: choose another".formatted(key));
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) throws IOException {
    try {
      return http.send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while a server was asked");
    }
  }
}
