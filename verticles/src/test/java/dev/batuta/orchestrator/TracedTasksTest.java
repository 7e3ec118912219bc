package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Done;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.StateCount;
import dev.batuta.database.TestDatabase;
import dev.batuta.lending.Thresholds;
import dev.batuta.tracing.OtlpReceiver;
import dev.batuta.tracing.OtlpReceiver.Received;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traces of tasks, as a collector hears of them from several nodes. */
class TracedTasksTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String CLIENT = "b7ad6b7169203331";
  private static final String COMPUTE = "{\"kind\":\"COMPUTE\",\"payload\":{\"durationMillis\":1}}";
  private static final String DEPOSIT =
      "{\"kind\":\"UPDATE\",\"payload\":{\"user\":\"u\",\"operation\":\"deposit\",\"amount\":1}}";

  private final OtlpReceiver collector = OtlpReceiver.start();
  private final TestDatabase database = TestDatabase.fresh();
  private final HttpClient client = HttpClient.newHttpClient();
  private TaskCluster cluster;
  private String token;

  @BeforeEach
  void start() {
    cluster =
        new TaskCluster(
            database.address(), Duration.ofDays(1), collector::tracing, "s1", "s2", "s3");
    cluster.coordinate("s1", Duration.ofSeconds(1));
    await(cluster.ledger("s1").create("u", new BigDecimal("100.00"), BigDecimal.ZERO));
    token = cluster.adminToken("s1");
  }

  @AfterEach
  void stop() {
    client.close();
    cluster.close();
    collector.close();
    database.close();
  }

  private static String newTrace() {
    byte[] id = new byte[16];
    ThreadLocalRandom.current().nextBytes(id);
    id[0] = 1;
    return HexFormat.of().formatHex(id);
  }

  private JsonObject post(int port, String path, String body, String traceparent)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
            .timeout(LONG)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("traceparent", traceparent)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return new JsonObject(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  private static String recorded(String trace) {
    return "00-" + trace + "-" + CLIENT + "-01";
  }

  /** Names of the spans that a span is a part of, from itself up to the client's. */
  private String wayUp(Received span) {
    StringBuilder names = new StringBuilder(span.name());
    Received at = span;
    while (!at.parent().equals(CLIENT)) {
      String parent = at.parent();
      at =
          Awaitility.await()
              .atMost(LONG)
              .until(
                  () ->
                      collector.spans(span.traceId()).stream()
                          .filter(each -> each.id().equals(parent))
                          .toList(),
                  found -> found.size() == 1)
              .getFirst();
      names.append(" < ").append(at.name());
    }
    return names.toString();
  }

  @Test
  void aTaskIsOneTraceFromTheRequestToItsOutcomeOnWhateverNode() throws Exception {
    cluster.startWorker("w", "s1", "s2", 100);
    String trace = newTrace();

    JsonObject task =
        post(cluster.startGateway("s1"), "tasks?waitMillis=30000", COMPUTE, recorded(trace));

    assertThat(task.getString("state")).isEqualTo("DONE");
    assertThat(task.getString("traceId")).isEqualTo(trace);
    Received attempt = collector.span(trace, "task attempt");
    assertThat(wayUp(attempt))
        .isEqualTo("task attempt < task dispatch < task submit < send < send < POST /api/v1/tasks");
    assertThat(attempt.node()).isEqualTo("s2");
    assertThat(attempt.attribute("batuta.task.id")).isEqualTo(task.getString("id"));
    assertThat(collector.span(trace, "task submit").node()).isEqualTo("s1");
    assertThat(collector.span(trace, "POST /api/v1/tasks").node()).isEqualTo("s1");
    String dispatched = collector.span(trace, "task dispatch").id();
    assertThat(collector.span(trace, "task outcome").parent()).isEqualTo(dispatched);
    assertThat(collector.span(trace, "task outcome").attribute("batuta.task.state"))
        .isEqualTo("DONE");
    assertThat(collector.span(trace, "task wait").parent())
        .isEqualTo(collector.span(trace, "task submit").id());
  }

  @Test
  void theTransactionOfTheLedgerIsAPartOfItsAttempt() throws Exception {
    cluster.startWorker("w", "s1", "s2", 100);
    String trace = newTrace();

    JsonObject task =
        post(cluster.startGateway("s1"), "tasks?waitMillis=30000", DEPOSIT, recorded(trace));

    assertThat(task.getJsonObject("result").getString("balance")).isEqualTo("101.00");
    Received ledger = collector.span(trace, "ledger transaction");
    assertThat(wayUp(ledger))
        .startsWith("ledger transaction < task attempt < task dispatch < task submit");
    assertThat(ledger.node()).isEqualTo("s2");
  }

  @Test
  void whoAdoptsATaskGoesOnWithItsTrace() throws Exception {
    // It takes the task, and never comes to an end with it.
    cluster.playWorker("deaf", "s3", 5, run -> Future.succeededFuture(new Done()));
    String trace = newTrace();
    String id = post(cluster.startGateway("s3"), "tasks", DEPOSIT, recorded(trace)).getString("id");
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                cluster.counts("s3").states().stream()
                    .filter(each -> each.state() == State.RUNNING)
                    .mapToLong(StateCount::count)
                    .sum(),
            running -> running == 1);

    cluster.crash("s3");
    cluster.startWorker("w1", "s1");
    cluster.startWorker("w2", "s2");

    assertThat(cluster.ended("s1", Long.parseLong(id)).attempt()).isEqualTo(2);
    Received attempt = collector.span(trace, "task attempt");
    assertThat(wayUp(attempt))
        .isEqualTo("task attempt < task dispatch < task submit < send < send < POST /api/v1/tasks");
    assertThat(attempt.attribute("batuta.task.attempt")).isEqualTo("2");
    assertThat(collector.span(trace, "task submit").node()).isEqualTo("s3");
    assertThat(attempt.node()).isNotEqualTo("s3");
  }

  @Test
  void whatItsClientDoesNotRecordIsNotSent() throws Exception {
    cluster.startWorker("w", "s1");
    int port = cluster.startGateway("s1");
    String unrecorded = newTrace();
    String recorded = newTrace();

    JsonObject task =
        post(port, "tasks?waitMillis=30000", COMPUTE, "00-" + unrecorded + "-" + CLIENT + "-00");
    post(port, "tasks?waitMillis=30000", COMPUTE, recorded(recorded));

    assertThat(task.getString("traceId")).isEqualTo(unrecorded);
    collector.span(recorded, "POST /api/v1/tasks"); // it was sent after what went before
    assertThat(collector.spans(unrecorded)).isEmpty();
  }

  @Test
  void aLargeBatchHasOneSpanForAllItsTasks() throws Exception {
    cluster.startWorker("w", "s1");
    int port = cluster.startGateway("s1");
    String trace = newTrace();
    int many = SubmissionTrace.MOST_SPANNED + 1;
    JsonArray tasks = new JsonArray(Collections.nCopies(many, new JsonObject(COMPUTE)));
    JsonObject batch = new JsonObject().put("tasks", tasks);

    JsonArray ids = post(port, "tasks/batch", batch.encode(), recorded(trace)).getJsonArray("ids");

    for (int each : new int[] {0, many - 1}) {
      var task = cluster.ended("s1", Long.parseLong(ids.getString(each)));
      assertThat(task.state()).isEqualTo(State.DONE);
      assertThat(task.traceparent()).startsWith("00-" + trace);
    }
    assertThat(collector.span(trace, "task submit").attribute("batuta.tasks"))
        .isEqualTo(Integer.toString(many));
    String after = newTrace();
    post(port, "tasks?waitMillis=30000", COMPUTE, recorded(after));
    collector.span(after, "task attempt");
    assertThat(collector.spans(trace)).extracting(Received::name).doesNotContain("task dispatch");
  }

  @Test
  void aWorkerThatIsLentHasASpanAtWhoLendsIt() {
    cluster.startWorker("w1", "s1", "s3", 5);
    cluster.startWorker("w2", "s2", "s3", 5);
    cluster.startWorker("w3", "s2", "s3", 5);
    cluster.lend(new Thresholds(20, 2, 1, Duration.ofMillis(250)));
    Payload[] slow = Collections.nCopies(500, new Compute(50, false)).toArray(Payload[]::new);
    cluster.submit("s1", null, slow);

    Received redirect = collector.first("worker redirect");

    assertThat(redirect.node()).isEqualTo("s2");
    assertThat(redirect.attribute("batuta.target")).isEqualTo("s1");
    assertThat(redirect.attribute("batuta.worker")).isIn("w2", "w3");
  }

  @Test
  void anAttemptThatFailsSaysSo() throws Exception {
    cluster.startWorker("w", "s1");
    String trace = newTrace();
    JsonObject late =
        new JsonObject()
            .put("kind", "COMPUTE")
            .put("payload", new JsonObject().put("durationMillis", 60_000))
            .put("timeoutMillis", 20)
            .put("maxAttempts", 1);

    JsonObject task =
        post(cluster.startGateway("s1"), "tasks?waitMillis=30000", late.encode(), recorded(trace));

    assertThat(task.getString("state")).isEqualTo("DEAD");
    assertThat(collector.span(trace, "task dispatch").failed()).isTrue();
    assertThat(collector.span(trace, "task outcome").attribute("batuta.task.state"))
        .isEqualTo("DEAD");
  }
}
