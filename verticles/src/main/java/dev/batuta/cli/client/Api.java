package dev.batuta.cli.client;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.batuta.codec.Text;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * A cluster's REST interface, by whichever of its servers answers.
 *
 * <p>What cannot happen twice is repeated at the next server when one is away or silent: reading,
 * and a submission under its idempotency key, which stays the same. Other requests go on to the
 * next server only while nothing was sent. Every try is bounded in time, and so are all together.
 */
public final class Api {
  private static final String UNREACHABLE = "unreachable";
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(8);
  private static final Duration ALL_TRIES = Duration.ofSeconds(45);
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** The idempotency key in the body of a submission. */
  public static final String KEY = "idempotencyKey";

  private static final Set<Integer> AWAY = Set.of(408, 502, 503, 504);

  /** Escapes carry any text as it was given, also what the server will refuse. */
  private static final ObjectWriter WRITER =
      Output.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private final HttpClient http;
  private final List<String> servers;
  private final TokenChoice tokens;
  private int preferred;
  private @Nullable String demoToken;

  Api(List<String> servers, TokenChoice tokens) {
    this(servers, tokens, Optional.empty());
  }

  /**
   * @param trust whose certificates it takes, empty for Java's own choice
   */
  Api(List<String> servers, TokenChoice tokens, Optional<SSLContext> trust) {
    this.servers = servers;
    this.tokens = tokens;
    var client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT);
    trust.ifPresent(client::sslContext);
    this.http = client.build();
  }

  /** What to ask. A request without key and of another method than GET must not be sent twice. */
  private record Ask(
      String method,
      String path,
      @Nullable JsonNode body,
      @Nullable String key,
      Duration patience) {
    boolean repeatable() {
      return key != null || method.equals("GET");
    }
  }

  /** An answer of status 2xx, and whose it is. */
  public record Answer(int status, JsonNode body, String server) {}

  /** Reads; {@code path} is below {@code /api/v1}. */
  public JsonNode get(String path) {
    return get(path, Duration.ZERO);
  }

  /** Reads what the server may hold back for some time. */
  public JsonNode get(String path, Duration held) {
    return exchange(new Ask("GET", path, null, null, ANSWER.plus(held))).body();
  }

  /** Asks for a thing that must not happen twice. */
  public Answer post(String path, JsonNode body) {
    return exchange(new Ask("POST", path, body, null, ANSWER));
  }

  /**
   * Asks for a thing that happens once for its key, however often it is asked for. The key goes by
   * a header, unless the body has it: a header carries ASCII only.
   */
  public Answer post(String path, JsonNode body, @Nullable String key, Duration held) {
    var once = key == null ? UUID.randomUUID().toString() : key;
    return exchange(new Ask("POST", path, body, once, ANSWER.plus(held)));
  }

  /** Asks for a thing that, asked for again, is the same. */
  public JsonNode postAgain(String path) {
    return exchange(new Ask("POST", path, null, UUID.randomUUID().toString(), ANSWER)).body();
  }

  /** An id as a segment of a path; there is none that a path cannot have. */
  public static String id(String text) {
    if (!Text.isAddressable(text)) {
      throw Problem.failed("not-found", "there is no id '" + text + "'");
    }
    return encoded(text);
  }

  /** Text as a value in a query, or a segment of a path if {@link Text#isAddressable}. */
  public static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  public List<String> servers() {
    return servers;
  }

  private Answer exchange(Ask ask) {
    long end = System.nanoTime() + ALL_TRIES.toNanos();
    boolean mayHaveHappened = false;
    while (true) {
      Optional<Problem> refusal = Optional.empty();
      for (int tried = 0; tried < servers.size(); tried++) {
        var server = servers.get(preferred % servers.size());
        try {
          var response = authorized(server, ask);
          if (response.statusCode() / 100 == 2) {
            return new Answer(response.statusCode(), parsed(server, response), server);
          }
          var problem = Problem.answered(response.statusCode(), response.body());
          if (!AWAY.contains(response.statusCode()) || !ask.repeatable()) {
            throw problem;
          }
          mayHaveHappened |= response.statusCode() == 504;
          refusal = Optional.of(problem);
        } catch (ConnectException | HttpConnectTimeoutException e) {
          // nothing was sent
        } catch (SSLHandshakeException e) {
          throw untrusted(server, e);
        } catch (IOException e) {
          if (!ask.repeatable()) {
            throw Problem.unsure(
                "unknown", lost(server) + ": look whether it happened, then repeat");
          }
          mayHaveHappened = true;
        }
        preferred++;
      }
      boolean again = ask.key() != null && mayHaveHappened;
      if (!again || System.nanoTime() > end) {
        throw gaveUp(ask, again, refusal);
      }
      pause(PAUSE);
    }
  }

  private Problem gaveUp(Ask ask, boolean unknown, Optional<Problem> refusal) {
    if (unknown) {
      return Problem.unsure(
          "unknown",
          "no server said within %d s whether it happened: repeat with --key %s, which makes it happen once"
              .formatted(ALL_TRIES.toSeconds(), ask.key()));
    }
    return refusal.orElseGet(
        () ->
            Problem.failed(
                UNREACHABLE,
                "no server answers at "
                    + String.join(", ", servers)
                    + ": start a cluster by ./batuta up, or name a server by --url"));
  }

  /** Whether no server answered. */
  static boolean isUnreachable(Problem problem) {
    return problem.code().equals(UNREACHABLE);
  }

  private static Problem untrusted(String server, SSLHandshakeException e) {
    return Problem.failed(
        "untrusted",
        "%s does not show a certificate that is trusted here (%s): name the one of its authority by --ca"
            .formatted(server, e.getMessage()));
  }

  private static String lost(String server) {
    return server + " did not answer, or the connection was lost";
  }

  public static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unsure("interrupted", "interrupted while waiting");
    }
  }

  /** Sends with the best token, and with the next best while the server refuses one. */
  private HttpResponse<String> authorized(String server, Ask ask) throws IOException {
    var token = token(server);
    while (true) {
      var response = send(server, ask, token, BodyHandlers.ofString());
      if (response.statusCode() != 401) {
        return response;
      }
      var next = afterRefusal(server, token);
      if (next.isEmpty()) {
        if (token.isEmpty()) {
          throw loginFirst(server);
        }
        return response;
      }
      token = next;
    }
  }

  private Optional<String> afterRefusal(String server, Optional<String> refused)
      throws IOException {
    if (refused.isPresent()) {
      tokens.refused(refused.get());
    }
    var next = tokens.of(server, Instant.now());
    return next.isPresent() || tokens.chosen() ? next : demonstration(server);
  }

  private Optional<String> token(String server) {
    return tokens.of(server, Instant.now()).or(() -> Optional.ofNullable(demoToken));
  }

  static Problem loginFirst(String server) {
    return Problem.failed("unauthenticated", "log in first: ./batuta login --url " + server);
  }

  /** On this machine a demonstration cluster lets anyone in as the demonstration admin. */
  private Optional<String> demonstration(String server) throws IOException {
    var host = URI.create(server).getHost();
    if (demoToken != null || !Set.of("127.0.0.1", "localhost", "[::1]").contains(host)) {
      return Optional.empty();
    }
    var cluster = send(server, new Ask("GET", "/cluster", null, null, ANSWER), Optional.empty());
    if (cluster.statusCode() != 200
        || !parsed(server, cluster).path("profile").asText().equals("demo")) {
      return Optional.empty();
    }
    var login = send(server, loginOf("admin", "admin"), Optional.empty());
    demoToken = login.statusCode() == 200 ? parsed(server, login).path("token").asText() : null;
    return Optional.ofNullable(demoToken);
  }

  /** A token for a password: {@code {token, expiresAt, roles}}. */
  public Answer login(String user, String password) {
    for (var server : servers) {
      try {
        var response = send(server, loginOf(user, password), Optional.empty());
        if (response.statusCode() != 200) {
          throw Problem.answered(response.statusCode(), response.body());
        }
        return new Answer(200, parsed(server, response), server);
      } catch (IOException e) {
        // the next one
      }
    }
    throw gaveUp(loginOf(user, ""), false, Optional.empty());
  }

  private static Ask loginOf(String user, String password) {
    var body = Output.JSON.createObjectNode().put("user", user).put("password", password);
    return new Ask("POST", "/login", body, null, ANSWER);
  }

  /** The server that gave the last answer has said that another one is better. */
  void avoidServer() {
    preferred++;
  }

  /** Opens a stream of events at the first server that gives one; the body is to be closed. */
  HttpResponse<InputStream> stream(String path, @Nullable String lastEventId) {
    Optional<Problem> refusal = Optional.empty();
    for (int tried = 0; tried < servers.size(); tried++) {
      var server = servers.get(preferred++ % servers.size());
      try {
        var token = token(server);
        var response = open(server, path, lastEventId, token);
        while (response.statusCode() == 401) {
          var next = afterRefusal(server, token);
          if (next.isEmpty()) {
            break;
          }
          response.body().close();
          token = next;
          response = open(server, path, lastEventId, token);
        }
        if (response.statusCode() == 200) {
          preferred--;
          return response;
        }
        try (var body = response.body()) {
          refusal =
              Optional.of(
                  response.statusCode() == 401 && token.isEmpty()
                      ? loginFirst(server)
                      : Problem.answered(
                          response.statusCode(),
                          new String(body.readAllBytes(), StandardCharsets.UTF_8)));
        }
      } catch (IOException e) {
        // the next one
      }
    }
    throw gaveUp(new Ask("GET", path, null, null, ANSWER), false, refusal);
  }

  private HttpResponse<InputStream> open(
      String server, String path, @Nullable String lastEventId, Optional<String> token)
      throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create(server + "/api/v1" + path))
            .header("Accept", "text/event-stream")
            .timeout(ANSWER);
    token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return send(request.build(), BodyHandlers.ofInputStream());
  }

  private HttpResponse<String> send(String server, Ask ask, Optional<String> token)
      throws IOException {
    return send(server, ask, token, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(
      String server, Ask ask, Optional<String> token, BodyHandler<T> handler) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create(server + "/api/v1" + ask.path()))
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
    if (key != null && (body == null || !body.has(KEY))) {
      request.header("Idempotency-Key", ascii(key));
    }
    token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
    return send(request.build(), handler);
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

  private static JsonNode parsed(String server, HttpResponse<String> response) {
    return Output.parsed(response.body())
        .orElseThrow(
            () ->
                Problem.unsure(
                    "bad-answer",
                    "%s answered %d with what is no JSON: is it a server of Batuta, of this version?"
                        .formatted(server, response.statusCode())));
  }
}
