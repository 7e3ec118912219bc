package dev.batuta.gateway;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people decide about single tasks, over HTTP. */
class TaskControlRoutesTest {
  private static final JsonObject QUERY =
      new JsonObject()
          .put("kind", "QUERY")
          .put("payload", new JsonObject().put("user", "22222222222"));

  private static GatewayFixture gateway;
  private static String admin;
  private static String alice;
  private static String bob;

  @BeforeAll
  static void start(@TempDir Path folder) {
    gateway = new GatewayFixture(folder);
    admin = gateway.token("admin", "admin");
    alice = gateway.token("alice", "password1");
    bob = gateway.token("bob", "password2");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  private static Reply post(String path, String token) {
    return gateway.call("POST", "/api/v1/tasks/" + path, token, null);
  }

  private static String later() {
    JsonObject task = QUERY.copy().put("notBefore", Instant.now().plusSeconds(3600).toString());
    return gateway.call("POST", "/api/v1/tasks", alice, task.encode()).text("id");
  }

  @Test
  void aUserCancelsItsOwnTaskAndAgainItIsTheSame() {
    String id = later();
    assertThat(post(id + "/cancel", bob).status()).isEqualTo(403);
    Reply cancelled = post(id + "/cancel", alice);
    assertThat(cancelled.status()).isEqualTo(200);
    assertThat(cancelled.text("state")).isEqualTo("CANCELLED");
    assertThat(cancelled.text("error")).isEqualTo("cancelled by alice");
    assertThat(post(id + "/cancel", admin).json()).isEqualTo(cancelled.json());
  }

  @Test
  void anAdminCancelsAnybodys() {
    assertThat(post(later() + "/cancel", admin).text("error")).isEqualTo("cancelled by admin");
  }

  @Test
  void whatHasEndedIsAConflictThatSaysHow() {
    String id =
        gateway.call("POST", "/api/v1/tasks?waitMillis=20000", alice, QUERY.encode()).text("id");
    Reply ended = post(id + "/cancel", alice);
    assertThat(ended.status()).isEqualTo(409);
    assertThat(ended.text("code")).isEqualTo("task-ended");
    assertThat(ended.text("detail")).contains(id, "DONE");
    Reply notDead = post(id + "/retry", alice);
    assertThat(notDead.status()).isEqualTo(409);
    assertThat(notDead.text("code")).isEqualTo("task-not-dead");
    assertThat(notDead.text("detail")).contains(id, "DONE");
  }

  @Test
  void whatIsUnknownIsNotFoundAndWhatIsNotPostedNotAllowed() {
    assertThat(post("4294967399/cancel", alice).status()).isEqualTo(404);
    assertThat(post("x/retry", alice).status()).isEqualTo(404);
    assertThat(post("4294967399/retry?attempt=0", alice).status()).isEqualTo(400);
    Reply get = gateway.call("GET", "/api/v1/tasks/7/cancel", alice, null);
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void aDeadTaskRunsAgainAndARepeatOfTheRequestGivesNoSecondRound() {
    failWhatComes("broken");
    JsonObject batch =
        new JsonObject()
            .put(
                "tasks",
                new JsonArray(Collections.nCopies(20, QUERY.copy().put("maxAttempts", 1))));
    JsonArray ids =
        gateway
            .call("POST", "/api/v1/tasks/batch", alice, batch.encode())
            .json()
            .getJsonArray("ids");
    String dead =
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(
                () ->
                    gateway
                        .call("GET", "/api/v1/tasks?state=DEAD", alice, null)
                        .json()
                        .getJsonArray("items"),
                items -> !items.isEmpty())
            .getJsonObject(0)
            .getString("id");
    assertThat(ids).contains(dead);

    assertThat(post(dead + "/cancel", alice).text("detail")).contains("DEAD");
    assertThat(post(dead + "/retry?attempt=7", alice).status()).isEqualTo(409);
    Reply first = post(dead + "/retry?attempt=1", alice);
    assertThat(first.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply repeated = post(dead + "/retry?attempt=1", alice);
    assertThat(repeated.status()).isIn(200, 202);
    assertThat(repeated.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply ended = gateway.call("GET", "/api/v1/tasks/" + dead + "?waitMillis=20000", alice, null);
    assertThat(ended.json().getInteger("attempt")).isEqualTo(2);
  }

  /** A worker that is no good, until its master misses it. */
  private static void failWhatComes(String worker) {
    Bus bus = gateway.cluster.node("server-1").bus();
    await(bus.serve(Addresses.worker(worker), envelope -> fail(bus, worker, envelope)));
    await(
        bus.request(
            Addresses.workers("server-1"),
            new Register(worker, "server-1", 1, 100, List.of()),
            Registered.class,
            Duration.ofSeconds(5)));
  }

  private static Future<Done> fail(Bus bus, String worker, Envelope envelope) {
    if (envelope.message() instanceof Run run) {
      List<Outcome> failed =
          run.tasks().stream()
              .map(task -> new Outcome(task.id(), task.attempt(), false, null, "broken", 0, 0))
              .toList();
      Report report = new Report(worker, 1, failed);
      return bus.request(Addresses.workers("server-1"), report, Done.class, Duration.ofSeconds(5));
    }
    return Future.succeededFuture(new Done());
  }
}
