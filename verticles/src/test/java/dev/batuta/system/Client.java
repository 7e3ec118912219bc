package dev.batuta.system;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Requests of the demonstration admin, each to a server of the caller's choice. */
final class Client implements AutoCloseable {
  /** Longer than the patience of a gateway, so that its own answer is heard. */
  private static final Duration ANSWER = Duration.ofSeconds(15);

  /** What a server answered. */
  record Answer(int status, JsonObject body) {}

  private final HttpClient http;
  private volatile String token = "";

  /** How often each status was answered. */
  final Map<Integer, LongAdder> statuses = new ConcurrentHashMap<>();

  private Client(HttpClient http) {
    this.http = http;
  }

  /** From whatever address this machine takes. */
  static Client anywhere() {
    return new Client(builder().build());
  }

  /** From one address of this machine. */
  static Client from(String address) {
    try {
      return new Client(builder().localAddress(InetAddress.getByName(address)).build());
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static HttpClient.Builder builder() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(2));
  }

  /** Logs in at a server; later requests are the admin's, at every server. */
  void login(String url) throws IOException {
    JsonObject admin = new JsonObject().put("user", "admin").put("password", "admin");
    token = post(url, "/api/v1/login", "login", admin).body().getString("token", "");
  }

  Answer post(String url, String path, String key, JsonObject body) throws IOException {
    return send(
        request(url, path)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
            .build());
  }

  Answer get(String url, String path) throws IOException {
    return send(request(url, path).build());
  }

  /** All items of a paged list, which must be answered. */
  List<JsonObject> items(String url, String path) {
    List<JsonObject> items = new ArrayList<>();
    String after = "";
    while (after != null) {
      JsonObject page =
          body(url, path + "?limit=1000" + (after.isEmpty() ? "" : "&after=" + after));
      page.getJsonArray("items").forEach(item -> items.add((JsonObject) item));
      after = page.getString("next");
    }
    return items;
  }

  /** An answer with status 200. */
  JsonObject body(String url, String path) {
    try {
      Answer answer = get(url, path);
      if (answer.status() != 200) {
        throw new AssertionError(path + ": " + answer.status() + " " + answer.body());
      }
      return answer.body();
    } catch (IOException e) {
      throw new AssertionError(url + path, e);
    }
  }

  /** The sum of a metric of a server over all its tags. */
  double metric(String url, String name) {
    return body(url, "/metrics")
        .getString("text")
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private HttpRequest.Builder request(String url, String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER);
    return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
  }

  private Answer send(HttpRequest request) throws IOException {
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      statuses.computeIfAbsent(response.statusCode(), s -> new LongAdder()).increment();
      String body = response.body();
      return new Answer(
          response.statusCode(),
          body.startsWith("{") ? new JsonObject(body) : new JsonObject().put("text", body));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
