package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What people decide about single tasks, over HTTP. */
class TaskControlRoutesTest extends GatewayCalls {
  private Reply decide(String decision, String token) {
    return post("tasks/" + decision, token, null);
  }

  @Test
  void aUserCancelsItsOwnTaskAndAgainItIsTheSame() {
    String id = later();
    assertThat(decide(id + "/cancel", bob).status()).isEqualTo(403);
    Reply cancelled = decide(id + "/cancel", alice);
    assertThat(cancelled.status()).isEqualTo(200);
    assertThat(cancelled.text("state")).isEqualTo("CANCELLED");
    assertThat(cancelled.text("error")).isEqualTo("cancelled by alice");
    assertThat(decide(id + "/cancel", admin).json()).isEqualTo(cancelled.json());
  }

  @Test
  void anAdminCancelsAnybodys() {
    assertThat(decide(later() + "/cancel", admin).text("error")).isEqualTo("cancelled by admin");
  }

  /** A wait would last longer than this client waits for an answer. */
  @Test
  void whoMayNotReadATaskIsToldBeforeTheWait() {
    String id = later();
    assertThat(get("tasks/" + id + "?waitMillis=60000", bob).status()).isEqualTo(403);
    decide(id + "/cancel", alice);
    assertThat(get("tasks/" + id + "?waitMillis=60000", alice).text("state"))
        .isEqualTo("CANCELLED");
  }

  @Test
  void whatHasEndedIsAConflictThatSaysHow() {
    String id = post("tasks?waitMillis=20000", alice, QUERY).text("id");
    Reply ended = decide(id + "/cancel", alice);
    assertThat(ended.status()).isEqualTo(409);
    assertThat(ended.text("code")).isEqualTo("task-ended");
    assertThat(ended.text("detail")).contains(id, "DONE");
    Reply notDead = decide(id + "/retry", alice);
    assertThat(notDead.status()).isEqualTo(409);
    assertThat(notDead.text("code")).isEqualTo("task-not-dead");
    assertThat(notDead.text("detail")).contains(id, "DONE");
  }

  @Test
  void whatIsUnknownIsNotFoundAndWhatIsNotPostedNotAllowed() {
    assertThat(decide("4294967399/cancel", alice).status()).isEqualTo(404);
    assertThat(decide("x/retry", alice).status()).isEqualTo(404);
    assertThat(decide("4294967399/retry?attempt=0", alice).status()).isEqualTo(400);
    Reply get = get("tasks/7/cancel", alice);
    assertThat(get.status()).isEqualTo(405);
    assertThat(get.headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void tasksAreListedByUserForAdminsAndForThemselves() {
    String id = later();
    String path = "tasks?state=PENDING&user=alice";
    for (String token : List.of(alice, admin)) {
      assertThat(get(path, token).body()).contains(id);
    }
    assertThat(get("tasks?state=PENDING&user=bob", admin).body()).doesNotContain(id);
    assertThat(get(path, bob).status()).isEqualTo(403);
    decide(id + "/cancel", alice);
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
    decide(first + "/cancel", alice);
    decide(second + "/cancel", alice);
  }

  private Reply checkpoint(String query) {
    return post("cluster/checkpoint" + query, admin, null);
  }

  @Test
  void aDeadTaskRunsAgainAndARepeatOfTheRequestGivesNoSecondRound() {
    String dead = gateway.deadTask(alice);
    assertThat(decide(dead + "/cancel", alice).text("detail")).contains("DEAD");
    assertThat(decide(dead + "/retry?attempt=7", alice).status()).isEqualTo(409);
    Reply first = decide(dead + "/retry?attempt=1", alice);
    assertThat(first.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply repeated = decide(dead + "/retry?attempt=1", alice);
    assertThat(repeated.status()).isIn(200, 202);
    assertThat(repeated.json().getInteger("maxAttempts")).isEqualTo(2);
    Reply ended = get("tasks/" + dead + "?waitMillis=20000", alice);
    assertThat(ended.json().getInteger("attempt")).isEqualTo(2);
  }
}
