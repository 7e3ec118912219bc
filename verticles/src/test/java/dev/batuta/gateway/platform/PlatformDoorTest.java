package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ForeignProgram;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What clients say, each row of the protocol, by one in Python through the real port. */
class PlatformDoorTest extends PlatformFixture {
  @Test
  void aLoginGivesATokenOrNone() {
    for (String type : List.of("auth", "login")) {
      JsonObject right = message(type).put("username", "bob").put("password", "password2");
      JsonObject answer = ask(right);
      assertThat(answer.getBoolean("ok")).isTrue();
      assertThat(answer.getString("token")).isNotEmpty();
      assertThat(ask(right.put("password", "wrong")))
          .isEqualTo(new JsonObject().put("ok", false).putNull("token"));
    }
    assertThat(counts.figures().refused()).containsEntry("login-failed", 2L);
  }

  @Test
  void aTaskIsAnsweredBeforeItRunsAndEndsDone() {
    long before = Instant.now().getEpochSecond();
    JsonObject payload = seconds(0.5).put("note", new JsonObject().put("kept", true));
    String task = submit(payload);
    JsonObject waiting = query(task);
    assertThat(waiting.getString("status")).isEqualTo("pending");
    assertThat(waiting.getString("assigned_worker")).isNull();
    assertThat(waiting.containsKey("finished_at")).isFalse();

    ForeignProgram worker = worker("w-1", "answer");
    Awaitility.await().until(() -> query(task).getString("status").equals("assigned"));
    assertThat(query(task).getString("assigned_worker")).isEqualTo("w-1");
    JsonObject done = ended(task);

    assertThat(done.getString("status")).isEqualTo("done");
    assertThat(done.getString("client")).isEqualTo("alice");
    assertThat(done.getJsonObject("payload")).isEqualTo(payload);
    assertThat(done.getString("assigned_worker")).isEqualTo("w-1");
    assertThat(done.getJsonObject("result")).isEqualTo(new JsonObject().put("slept", 0.5));
    assertThat(done.getDouble("created_at")).isBetween(before - 5.0, before + 60.0);
    assertThat(done.getDouble("finished_at")).isGreaterThan(done.getDouble("created_at"));
    JsonObject sent =
        worker.awaitPrinted("executes", 1).stream()
            .map(each -> each.getJsonObject("executes"))
            .filter(each -> each.getString("task_id").equals(task))
            .findFirst()
            .orElseThrow();
    assertThat(sent.getJsonObject("payload")).isEqualTo(payload);
    assertThat(sent.getValue("lamport")).isInstanceOf(Integer.class);
    assertThat(ask(message("query_status").put("token", alice).put("task_id", task)))
        .isEqualTo(new JsonObject().put("ok", true).put("task", query(task)));
  }

  @Test
  void aPayloadThatSaysNothingStaysSoAndOneThatIsTooLargeIsRefused() {
    assertThat(query(submit(new JsonObject())).getJsonObject("payload"))
        .isEqualTo(new JsonObject());
    JsonObject large = seconds(0).put("note", "x".repeat(17 << 10));
    JsonObject refused = ask(message("submit_task").put("token", alice).put("payload", large));
    assertThat(refused.getString("error")).isEqualTo("invalid_request");
    assertThat(refused.getString("message")).contains("payload has", "16384");
  }

  @Test
  void whatCannotBeAnsweredIsRefusedInTheWordsOfThePlatform() {
    JsonObject stranger = new JsonObject().put("ok", false).put("error", "unauthenticated");
    assertThat(ask(message("submit_task").put("token", "x").put("payload", seconds(1))))
        .isEqualTo(stranger);
    assertThat(ask(message("submit_task").put("payload", seconds(1)))).isEqualTo(stranger);
    assertThat(ask(message("query_task").put("token", "x").put("task_id", "1")))
        .isEqualTo(stranger);

    JsonObject unknown = new JsonObject().put("ok", false).put("error", "task_not_found");
    assertThat(ask(message("query_task").put("token", alice).put("task_id", "99")))
        .isEqualTo(unknown);
    String bob = login("bob", "password2");
    JsonObject others = message("query_task").put("token", bob).put("task_id", submit(seconds(0)));
    assertThat(ask(others)).isEqualTo(unknown);
    assertThat(
            ask(message("task_result").put("task_id", "1").put("worker_id", "w").put("ok", true)))
        .isEqualTo(unknown);

    assertThat(ask(message("list_tasks")))
        .isEqualTo(new JsonObject().put("ok", false).put("error", "unknown_type"));
    JsonObject wrong = message("submit_task").put("token", alice).put("payload", seconds(-1));
    assertThat(ask(wrong).getString("error")).isEqualTo("invalid_request");
    assertThat(ask(wrong).getString("message")).contains("payload.duration is -1");
  }
}
