package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.DatabaseAddress;
import dev.batuta.node.ClusterFile;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Doors and locks of a real cluster, by its command line and over HTTP. */
class LocksTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;

  @BeforeAll
  static void up() {
    running = RealCluster.up(data, "--servers", "2");
  }

  @AfterAll
  static void down() {
    cluster().close();
  }

  private static RealCluster cluster() {
    return Objects.requireNonNull(running);
  }

  @Test
  void doorsListsThoseOfEveryNodeAndStatusAndTheClusterFileHaveTheSamePorts() throws IOException {
    Map<String, Set<Integer>> shown = new TreeMap<>();
    objects(cluster().batuta("doors", "--json").json(), "items")
        .forEach(
            door ->
                shown
                    .computeIfAbsent(door.getString("node"), node -> new TreeSet<>())
                    .addAll(ports(door.getString("address"))));
    Map<String, Set<Integer>> known = new TreeMap<>();
    objects(cluster().status(), "nodes")
        .forEach(
            node -> {
              JsonObject ports = node.getJsonObject("ports");
              Set<Integer> numbers = new TreeSet<>();
              ports.fieldNames().forEach(name -> numbers.add(ports.getInteger(name)));
              if (!numbers.isEmpty()) {
                known.put(node.getString("name"), numbers);
              }
            });

    assertThat(shown).isEqualTo(known).containsOnlyKeys("server-1", "server-2");
    for (ClusterFile.Server server : ClusterFile.read(data).orElseThrow().servers()) {
      Set<Integer> open = Objects.requireNonNull(shown.get(server.name()));
      assertThat(server.ports().values()).containsAll(open);
      assertThat(open).contains(server.port("http"));
    }
    assertThat(cluster().batuta("doors").out()).contains("server-2", "http", "REFUSED");
  }

  @Test
  void aRotationReachesEveryServerWithoutARestartAndOldTokensLiveOn() {
    List<String> urls = urls();
    String before = login(urls.getFirst());

    JsonObject rotated = cluster().batuta("keys", "rotate", "--json").json();
    String now = rotated.getString("signs");

    for (String url : urls) {
      String after = login(url);
      assertThat(keyId(after)).isEqualTo(now).isNotEqualTo(keyId(before));
      for (String server : urls) {
        assertThat(accounts(server, before)).isEqualTo(200);
        assertThat(accounts(server, after)).isEqualTo(200);
      }
    }
    assertThat(cluster().batuta("keys", "--json").json()).isEqualTo(rotated);
    assertThat(cluster().batuta("status").exit()).as("by the token of up").isZero();
  }

  @Test
  void whoGuessesPasswordsIsToldToWait() {
    String url = urls().getFirst();
    for (int i = 0; i < 5; i++) {
      assertThat(ask(url, "bob", "guess-" + i).statusCode()).isEqualTo(401);
    }
    HttpResponse<String> throttled = ask(url, "bob", "password2");

    assertThat(throttled.statusCode()).isEqualTo(429);
    assertThat(throttled.headers().firstValueAsLong("Retry-After")).isPresent();
    assertThat(new JsonObject(throttled.body()).getString("code")).isEqualTo("too-many-logins");
    assertThat(ask(url, "carol", "pwd3").statusCode()).isEqualTo(200);
  }

  @Test
  void noSecretIsInALogOrInWhatCommandsPrint() throws IOException {
    ClusterFile file = ClusterFile.read(data).orElseThrow();
    String url = urls().getFirst();
    String database = DatabaseAddress.parse(file.database()).password();
    String guess = "a guess that nobody makes";
    assertThat(database).isNotEmpty();
    List<String> secrets =
        List.of(file.adminToken(), login(url), database, "password1", "password2", guess);
    assertThat(ask(url, "carol", guess).statusCode()).isEqualTo(401);

    String keys = cluster().batuta("keys", "--json").out();
    String shown = keys + cluster().batuta("doors", "--json").out() + cluster().status();

    assertThat(keys).doesNotContainPattern("[0-9a-f]{64}");
    assertThat(shown).doesNotContain(secrets);
    try (Stream<Path> logs = Files.list(data.resolve("logs"))) {
      assertThat(logs.filter(Files::isRegularFile))
          .isNotEmpty()
          .allSatisfy(log -> assertThat(Files.readString(log)).doesNotContain(secrets));
    }
  }

  private static Stream<JsonObject> objects(JsonObject of, String list) {
    return of.getJsonArray(list).stream().map(JsonObject.class::cast);
  }

  /** Those of an address such as {@code 127.0.0.1:5555,5557}. */
  private static List<Integer> ports(String address) {
    String numbers = address.substring(address.lastIndexOf(':') + 1);
    return Stream.of(numbers.split(",", -1)).map(Integer::valueOf).toList();
  }

  private static List<String> urls() {
    try {
      return ClusterFile.read(data).orElseThrow().servers().stream()
          .map(ClusterFile.Server::url)
          .toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String login(String url) {
    return new JsonObject(ask(url, "alice", "password1").body()).getString("token");
  }

  private static HttpResponse<String> ask(String url, String user, String password) {
    JsonObject body = new JsonObject().put("user", user).put("password", password);
    return send(
        HttpRequest.newBuilder(URI.create(url + "/api/v1/login"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
            .build());
  }

  private static int accounts(String url, String token) {
    return send(HttpRequest.newBuilder(URI.create(url + "/api/v1/accounts"))
            .header("Authorization", "Bearer " + token)
            .build())
        .statusCode();
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String keyId(String token) {
    byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
    return new JsonObject(new String(header, StandardCharsets.UTF_8)).getString("kid");
  }
}
