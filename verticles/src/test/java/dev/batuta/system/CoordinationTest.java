package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Trace;
import dev.batuta.bus.TraceCheck;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Elections, clocks and traces of real processes, by the commands that show them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CoordinationTest {
  /** Events of each server that are enough to find a broken clock rule. */
  private static final int ENOUGH = 300;

  private static RealCluster cluster;

  /** What one server told of itself. */
  private record Told(String node, List<Trace.Event> events, long dropped) {}

  @BeforeAll
  static void start(@TempDir Path data) {
    cluster = RealCluster.up(data);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  @Order(1)
  void anElectionOnDemandBringsANewEpochAndTheRightCoordinator() {
    long before =
        cluster
            .awaitStatus(
                "server-3 coordinates", now -> "server-3".equals(now.getString("coordinator")))
            .getLong("epoch");

    RealCluster.Result elected = cluster.batuta("elect", "--json");

    assertThat(elected.exit()).as(elected.err()).isZero();
    assertThat(elected.json().getLong("epoch")).isGreaterThan(before);
    cluster.awaitStatus(
        "server-3 coordinates again", now -> "server-3".equals(now.getString("coordinator")));
  }

  @Test
  @Order(2)
  void aClockRoundOnDemandMeasuresEveryServer() {
    RealCluster.Result synced = cluster.batuta("clock-sync", "--json");

    assertThat(synced.exit()).as(synced.err()).isZero();
    assertThat(synced.json().getString("coordinator")).isEqualTo("server-3");
    assertThat(synced.json().getJsonArray("servers")).hasSize(3);
  }

  @Test
  @Order(3)
  void everyMessageBetweenTheServersIsReceivedLaterThanItWasSent() {
    List<CompletableFuture<Told>> following =
        cluster.serverUrls().stream()
            .map(url -> CompletableFuture.supplyAsync(() -> follow(url)))
            .toList();
    Map<String, List<Trace.Event>> recorded = new HashMap<>();
    for (CompletableFuture<Told> each : following) {
      Told told = each.join();
      assertThat(told.dropped()).isZero();
      recorded.put(told.node(), told.events());
    }

    TraceCheck check = TraceCheck.of(recorded);

    assertThat(check.violations()).isEmpty();
    assertThat(recorded).hasSize(3);
    assertThat(check.matched()).isPositive();
  }

  @Test
  @Order(4)
  void benchFailoverMeasuresKillsHangsAndStops() {
    List<JsonObject> rows = new ArrayList<>();
    rows.addAll(bench("1", "0", "0"));
    rows.addAll(bench("0", "1", "0"));
    rows.addAll(bench("0", "0", "1"));

    assertThat(rows)
        .extracting(row -> row.getString("row"))
        .containsExactly("failover-kill", "failover-hang", "failover-stop", "failover-stop-gap");
    assertThat(rows.subList(0, 3)).allMatch(row -> row.getDouble("value") > 0);
    assertThat(rows.getFirst().getDouble("limit")).isEqualTo(1_000);
  }

  private static List<JsonObject> bench(String kills, String hangs, String stops) {
    RealCluster.Result bench =
        cluster.batuta(
            "bench", "failover", "--kills", kills, "--hangs", hangs, "--stops", stops, "--json");
    assertThat(bench.exit()).as(bench.err()).isZero();
    return bench.out().lines().map(JsonObject::new).toList();
  }

  /** Reads {@code events.trace} of a server until there is enough of it. */
  private static Told follow(String url) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/v1/events?types=trace"))
            .timeout(Duration.ofSeconds(60))
            .build();
    List<Trace.Event> events = new ArrayList<>();
    String node = "";
    long dropped = 0;
    try (HttpClient client = HttpClient.newHttpClient();
        var body = client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
        var lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: ")) {
          JsonObject batch = new JsonObject(line.substring("data: ".length()));
          node = batch.getString("node");
          dropped += batch.getLong("dropped");
          batch.getJsonArray("events").forEach(event -> events.add(event((JsonObject) event)));
          if (events.size() >= ENOUGH) {
            return new Told(node, events, dropped);
          }
        }
      }
    } catch (IOException | InterruptedException broken) {
      throw new AssertionError(url, broken);
    }
    throw new AssertionError(url + " ended its stream of " + node);
  }

  private static Trace.Event event(JsonObject json) {
    return new Trace.Event(
        Trace.What.valueOf(json.getString("event").toUpperCase(Locale.ROOT)),
        json.getLong("clock"),
        json.getString("sender"),
        json.getLong("sent"),
        json.getString("type"),
        json.getString("address"),
        Instant.parse(json.getString("at")).toEpochMilli());
  }
}
