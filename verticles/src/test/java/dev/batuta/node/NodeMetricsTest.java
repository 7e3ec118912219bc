package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.TestDatabase;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.messaging.log.StuckDisk;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one whole node shows at {@code /metrics} after acts that are known: each test does some, so
 * that the last of them finds everything shown that there is.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeMetricsTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int CREDITS = 2;

  private static TestDatabase database;
  private static Node node;
  private static String token = "";
  @TempDir private static Path folder = Path.of("");

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    database = TestDatabase.fresh();
    await(new MySqlUserStore(database.database()).seedDemo());
    await(new MySqlLedgerStore(database.database()).seedDemo());
    Map<String, String> flags = new HashMap<>();
    DoorKeys.all().forEach(door -> flags.put(door.enabled().key(), "false"));
    flags.put("node.name", "server-1");
    flags.put("cluster.servers", "server-1,server-2");
    flags.put("cluster.name", "metrics-" + ProcessHandle.current().pid());
    flags.put("database.url", database.address().url());
    flags.put("data", folder.toString());
    flags.put("http.port", "0");
    flags.put("election.settle", "0s");
    flags.put("worker.credits", Integer.toString(CREDITS));
    node = await(Node.start(NodeSettings.load("demo", null, Map.of(), flags)));
    JsonObject login = new JsonObject().put("user", "admin").put("password", "admin");
    token = post("/api/v1/login", login).getString("token");
    eventually(() -> assertThat(metrics()).containsEntry("batuta_coordinator", 1.0));
    eventually(() -> assertThat(metrics()).containsEntry("batuta_workers{belonging=\"own\"}", 1.0));
  }

  @AfterAll
  static void stop() {
    await(node.stop());
    database.close();
  }

  @Test
  @Order(1)
  void tasksAreCountedByKindAndOutcome() throws Exception {
    JsonObject ledger = new JsonObject().put("user", "11111111111").put("amount", "5.00");
    done(task("UPDATE", ledger.copy().put("operation", "deposit")));
    done(task("UPDATE", ledger.copy().put("operation", "withdraw").put("amount", "9999.00")));
    done(task("COMPUTE", new JsonObject().put("durationMillis", 0)));
    done(
        task("COMPUTE", new JsonObject().put("durationMillis", 60_000))
            .put("timeoutMillis", 50)
            .put("maxAttempts", 1));
    String waits = post("/api/v1/tasks", task("EXTERNAL", new JsonObject())).getString("id");

    eventually(
        () ->
            assertThat(metrics())
                .containsEntry("batuta_tasks_accepted_total{kind=\"UPDATE\"}", 2.0)
                .containsEntry("batuta_tasks_accepted_total{kind=\"EXTERNAL\"}", 1.0)
                .containsEntry("batuta_tasks_ended_total{kind=\"UPDATE\",outcome=\"ok\"}", 1.0)
                .containsEntry("batuta_tasks_ended_total{kind=\"UPDATE\",outcome=\"nok\"}", 1.0)
                .containsEntry("batuta_tasks_ended_total{kind=\"COMPUTE\",outcome=\"ok\"}", 1.0)
                .containsEntry("batuta_tasks_ended_total{kind=\"COMPUTE\",outcome=\"dead\"}", 1.0)
                .containsEntry("batuta_task_dispatch_to_result_seconds_count{kind=\"UPDATE\"}", 2.0)
                .containsEntry(
                    "batuta_task_dispatch_to_result_seconds_count{kind=\"COMPUTE\"}", 1.0)
                .containsEntry("batuta_queue_special_tasks", 1.0)
                .containsEntry("batuta_queue_depth_tasks", 0.0)
                .containsEntry("batuta_tasks{state=\"pending\"}", 1.0)
                .containsEntry("batuta_ledger_tasks_total", 2.0));
    assertThat(sum("batuta_attempts_given_up_total")).isEqualTo(1);
    assertThat(metrics().get("batuta_ledger_batches_total{outcome=\"done\"}")).isBetween(1.0, 2.0);

    post("/api/v1/tasks/" + waits + "/cancel", null);
    eventually(
        () ->
            assertThat(metrics())
                .containsEntry(
                    "batuta_tasks_ended_total{kind=\"EXTERNAL\",outcome=\"cancelled\"}", 1.0)
                .containsEntry("batuta_tasks{state=\"pending\"}", 0.0));
  }

  @Test
  @Order(2)
  void theDepthOfTheQueueIsWhatWorkersHaveNoRoomFor() throws Exception {
    double before = ok("COMPUTE");
    JsonObject slow = task("COMPUTE", new JsonObject().put("durationMillis", 2000));
    post(
        "/api/v1/tasks/batch",
        new JsonObject().put("tasks", new JsonArray(Collections.nCopies(8, slow))));

    eventually(
        () -> {
          Map<String, Double> now = metrics();
          assertThat(now)
              .containsEntry("batuta_tasks{state=\"running\"}", (double) CREDITS)
              .containsEntry("batuta_worker_credits", (double) CREDITS)
              .containsEntry("batuta_tasks{state=\"pending\"}", now.get("batuta_queue_depth_tasks"))
              .containsEntry(
                  "batuta_queue_ready_tasks{kind=\"COMPUTE\"}",
                  now.get("batuta_queue_depth_tasks"));
          assertThat(now.get("batuta_queue_depth_tasks")).isPositive();
          assertThat(now.get("batuta_queue_oldest_task_age_seconds")).isGreaterThan(1);
        });
    eventually(() -> assertThat(ok("COMPUTE")).isEqualTo(before + 8));
    eventually(
        () ->
            assertThat(metrics())
                .containsEntry("batuta_queue_depth_tasks", 0.0)
                .containsEntry("batuta_queue_oldest_task_age_seconds", 0.0));
  }

  @Test
  @Order(3)
  void messagesAndWhatOthersLackAreCounted() throws Exception {
    post("/api/v1/users", new JsonObject().put("name", "ana"));
    post("/api/v1/channels", new JsonObject().put("name", "geral"));
    post("/api/v1/channels/geral/messages", new JsonObject().put("text", "olá").put("user", "ana"));

    eventually(
        () ->
            assertThat(metrics())
                .containsEntry("batuta_ops_applied_total{origin=\"own\"}", 3.0)
                .containsEntry("batuta_ops_applied_total{origin=\"other\"}", 0.0)
                .containsEntry("batuta_replica_items{kind=\"channel-message\"}", 1.0)
                .containsEntry("batuta_replica_items{kind=\"channel\"}", 1.0)
                .containsEntry("batuta_publish_confirmation_seconds_count", 3.0)
                .containsEntry("batuta_replica_lag_ops{peer=\"server-2\"}", 3.0)
                .containsEntry("batuta_unshown_ops", 0.0)
                .containsEntry("batuta_log_write_failures_total", 0.0));
    assertThat(metrics().get("batuta_log_flush_seconds_count")).isGreaterThanOrEqualTo(3);
    assertThat(metrics().get("batuta_log_flush_seconds_sum")).isPositive();
  }

  @Test
  @Order(4)
  void electionsAndClocksAreShown() throws Exception {
    eventually(
        () -> {
          Map<String, Double> now = metrics();
          assertThat(now)
              .containsEntry("batuta_coordinator_without_database", 0.0)
              .containsEntry("batuta_servers_alive", 1.0)
              .containsEntry("batuta_servers_configured", 2.0)
              .containsEntry("batuta_nodes{liveness=\"alive\"}", 1.0)
              .containsEntry("batuta_database_reached", 1.0)
              .containsEntry("batuta_node_ready", 1.0)
              .containsEntry("batuta_fenced_writes_total{fence=\"epoch\"}", 0.0);
          assertThat(now.get("batuta_clock_rounds_total")).isPositive();
          assertThat(now.get("batuta_clock_readings_total{averaged=\"yes\"}"))
              .isBetween(1.0, now.get("batuta_clock_rounds_total"));
          assertThat(now)
              .containsKey("batuta_node_info{node=\"server-1\",roles=\"server,worker,gateway\"}");
        });
    assertThat(metrics().get("batuta_leaderless_seconds_total")).isPositive();
    assertThat(sum("batuta_coordinator_changes_total")).isPositive();
    assertThat(metrics().get("batuta_epoch")).isPositive();
    assertThat(metrics().get("batuta_epoch_claims_total{outcome=\"won\"}")).isPositive();
    assertThat(metrics().get("batuta_election_events_total{event=\"coordinator-announced\"}"))
        .isPositive();
  }

  @Test
  @Order(5)
  void refusalsAreCountedByReasonAtTheirDoor() throws Exception {
    String refusals = "batuta_door_refusals_total{door=\"http\",reason=\"token-missing\"}";
    assertThat(send("/api/v1/tasks", "GET", null, "").statusCode()).isEqualTo(401);

    eventually(() -> assertThat(metrics()).containsEntry(refusals, 1.0));
    assertThat(metrics().get("batuta_door_connections{door=\"http\"}")).isPositive();
    assertThat(metrics().get("batuta_door_messages_total{direction=\"in\",door=\"http\"}"))
        .isGreaterThan(5);
  }

  @Test
  @Order(6)
  void wordsThatClientsMakeUpAreNoSeriesOfTheirOwn() throws Exception {
    assertThat(send("/health/live", "MADEUP", null, "").statusCode()).isEqualTo(405);

    eventually(
        () ->
            assertThat(metrics())
                .containsEntry(
                    "vertx_http_server_requests_total{code=\"405\",method=\"OTHER\"}", 1.0));
    assertThat(metrics().keySet())
        .noneMatch(series -> series.contains("MADEUP"))
        .anyMatch(series -> series.contains("method=\"GET\""));
  }

  @Test
  @Order(7)
  void whatDashboardAndAlertsAskForIsShown() throws Exception {
    Set<String> shown =
        metrics().keySet().stream()
            .map(series -> series.replaceFirst("[{].*", ""))
            .collect(Collectors.toSet());

    assertThat(shown).containsAll(Monitoring.metricsOfAlerts());
    assertThat(shown).containsAll(Monitoring.metricsOfDashboard());
  }

  @Test
  @Order(8)
  void promtoolHasNothingToSayOfNamesAndUnits() throws Exception {
    String text = send("/metrics", "GET", null, token).body();

    assertThat(Monitoring.promtool(text, "check", "metrics")).isEmpty();
  }

  @Test
  @Order(9)
  void aServerWhoseDiskTakesNoMessagesIsNotReadyUntilItDoes() throws Exception {
    String messages = "/api/v1/channels/geral/messages";
    JsonObject message = new JsonObject().put("text", "bom dia").put("user", "ana");
    StuckDisk stuck = StuckDisk.of(folder.resolve("server-1/messages.db"));
    assertThat(send(messages, "POST", message.encode(), token).statusCode()).isEqualTo(503);

    eventually(
        () -> {
          HttpResponse<String> ready = send("/health/ready", "GET", null, "");
          assertThat(ready.statusCode()).isEqualTo(503);
          assertThat(ready.body()).contains("messages are not taken");
        });
    assertThat(metrics()).containsEntry("batuta_node_ready", 0.0);
    assertThat(metrics().get("batuta_log_write_failures_total")).isPositive();
    stuck.free();

    eventually(
        () -> assertThat(send("/health/ready", "GET", null, "").statusCode()).isEqualTo(200));
    post(messages, message);
  }

  private static double ok(String kind) throws Exception {
    String series = "batuta_tasks_ended_total{kind=\"" + kind + "\",outcome=\"ok\"}";
    return metrics().getOrDefault(series, 0.0);
  }

  private static double sum(String name) throws Exception {
    return metrics().entrySet().stream()
        .filter(each -> each.getKey().startsWith(name + "{"))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** Each series, as the text names it, with its value. */
  private static Map<String, Double> metrics() throws IOException, InterruptedException {
    HttpResponse<String> answer = send("/metrics", "GET", null, token);
    assertThat(answer.statusCode()).isEqualTo(200);
    Map<String, Double> series = new TreeMap<>();
    answer
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              series.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return series;
  }

  private static JsonObject task(String kind, JsonObject payload) {
    return new JsonObject().put("kind", kind).put("payload", payload);
  }

  /** Submits a task, and waits for its end. */
  private static void done(JsonObject task) throws IOException, InterruptedException {
    assertThat(post("/api/v1/tasks?waitMillis=30000", task).getString("state"))
        .isIn("DONE", "DEAD");
  }

  private static JsonObject post(String path, @Nullable JsonObject body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send(path, "POST", body == null ? null : body.encode(), token);
    assertThat(answer.statusCode()).as(path + " " + answer.body()).isBetween(200, 202);
    return new JsonObject(answer.body());
  }

  private static HttpResponse<String> send(
      String path, String method, @Nullable String body, String bearer)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.ports().get("http") + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (!bearer.isEmpty()) {
      request.header("Authorization", "Bearer " + bearer);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void eventually(ThrowingRunnable assertion) {
    Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(assertion);
  }
}
