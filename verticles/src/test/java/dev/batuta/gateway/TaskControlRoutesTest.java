package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

  private static Reply read(String path, String token) {
    return gateway.call("GET", "/api/v1/tasks/" + path, token, null);
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

  /** A wait would last longer than this client waits for an answer. */
  @Test
  void whoMayNotReadATaskIsToldBeforeTheWait() {
    String id = later();
    assertThat(read(id + "?waitMillis=60000", bob).status()).isEqualTo(403);
    post(id + "/cancel", alice);
    assertThat(read(id + "?waitMillis=60000", alice).text("state")).isEqualTo("CANCELLED");
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
    Reply get = read("7/cancel", alice);
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void tasksAreListedByUserForAdminsAndForThemselves() {
    String id = later();
    String path = "/api/v1/tasks?state=PENDING&user=alice";
    for (String token : List.of(alice, admin)) {
      assertThat(gateway.call("GET", path, token, null).body()).contains(id);
    }
    assertThat(gateway.call("GET", "/api/v1/tasks?state=PENDING&user=bob", admin, null).body())
        .doesNotContain(id);
    assertThat(gateway.call("GET", path, bob, null).status()).isEqualTo(403);
    post(id + "/cancel", alice);
  }

  @Test
  void aCheckpointShowsWhatIsUnfinishedPageByPageAndWhereItIs() {
    String first = later();
    String second = later();
    Reply reply = checkpoint("?limit=1");
    JsonObject server = reply.json().getJsonArray("servers").getJsonObject(0);
    assertThat(server.getLong("term")).isPositive();
    assertThat(server.getJsonArray("workers").getJsonObject(0).getLong("registration"))
        .isPositive();
    List<String> seen = new ArrayList<>();
    JsonObject page = server;
    while (page.getString("next") != null) {
      assertThat(page.getJsonArray("unfinished")).hasSize(1);
      seen.add(page.getJsonArray("unfinished").getJsonObject(0).getString("id"));
      page =
          checkpoint("?server=server-1&limit=1&after=" + page.getString("next"))
              .json()
              .getJsonArray("servers")
              .getJsonObject(0);
    }
    assertThat(seen).contains(first, second).isSorted();
    JsonObject task =
        checkpoint("?server=server-1&after=" + (Long.parseLong(first) - 1))
            .json()
            .getJsonArray("servers")
            .getJsonObject(0)
            .getJsonArray("unfinished")
            .getJsonObject(0);
    assertThat(task.getString("place")).isEqualTo("LATER");
    assertThat(task.getString("due")).isNotNull();

    assertThat(checkpoint("?after=7").status()).isEqualTo(400);
    assertThat(checkpoint("?server=nobody").text("detail")).contains("nobody", "server-1");
    post(first + "/cancel", alice);
    post(second + "/cancel", alice);
  }

  private static Reply checkpoint(String query) {
    return gateway.call("POST", "/api/v1/cluster/checkpoint" + query, admin, null);
  }

  @Test
  void aDeadTaskRunsAgainAndARepeatOfTheRequestGivesNoSecondRound() {
    String dead = gateway.deadTask(alice);
    assertThat(post(dead + "/cancel", alice).text("detail")).contains("DEAD");
    assertThat(post(dead + "/retry?attempt=7", alice).status()).isEqualTo(409);
    Reply first = post(dead + "/retry?attempt=1", alice);
    assertThat(first.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply repeated = post(dead + "/retry?attempt=1", alice);
    assertThat(repeated.status()).isIn(200, 202);
    assertThat(repeated.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply ended = read(dead + "?waitMillis=20000", alice);
    assertThat(ended.json().getInteger("attempt")).isEqualTo(2);
  }
}
