package dev.batuta.gateway.platform;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.gateway.ForeignProgram;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Each row of the protocol that workers speak, by some in Python through the real port. */
class PlatformWorkersTest extends PlatformFixture {
  @Test
  void aWorkerNeedsNeitherIdNorHostAndItsHeartbeatsAdvanceTheClock() {
    JsonObject registered = ask(message("register_worker").put("port", 9));
    assertThat(registered.getBoolean("ok")).isTrue();
    String id = registered.getString("worker_id");
    assertThat(id).startsWith("worker-");

    long first = heartbeat(id, 0).getLong("lamport");
    JsonObject second = heartbeat(id, first + 1_000);
    assertThat(second.getMap().keySet()).containsExactlyInAnyOrder("ok", "lamport");
    assertThat(second.getValue("lamport")).isInstanceOf(Integer.class);
    assertThat(second.getLong("lamport")).isGreaterThan(first + 1_000);
  }

  private JsonObject heartbeat(String id, long lamport) {
    JsonObject answer =
        ask(message("heartbeat").put("worker_id", id).put("load", 0).put("lamport", lamport));
    assertThat(answer.getBoolean("ok")).isTrue();
    return answer;
  }

  @Test
  void aHeartbeatOfAWorkerThatIsNotRegisteredSaysSo() {
    JsonObject answer = ask(message("heartbeat").put("worker_id", "nobody").put("lamport", 1));
    assertThat(answer.getBoolean("ok")).isFalse();
    assertThat(answer.getString("error")).isEqualTo("unauthenticated");
    assertThat(answer.getString("message")).contains("nobody", "register_worker");
    assertThat(answer.getLong("lamport")).isPositive();
  }

  @Test
  void aWorkerThatGoesOnWithHeartbeatsWorksOnAfterARestart() {
    ForeignProgram worker = worker("w-1", "answer");
    assertThat(ended(submit(seconds(0))).getString("assigned_worker")).isEqualTo("w-1");

    restart();

    assertThat(ended(submit(seconds(0))).getString("assigned_worker")).isEqualTo("w-1");
    assertThat(worker.awaitPrinted("executes", 2)).hasSize(2);
    assertThat(worker.printed("registered")).hasSize(1);
  }

  @Test
  void aWorkerThatSaysItsResultLaterIsHeardAndTwiceIsOnce() {
    for (String habit : List.of("report", "later")) {
      ForeignProgram worker = worker("w-" + habit, habit);
      String task = submit(seconds(0.3));
      assertThat(ended(task).getJsonObject("result")).isEqualTo(new JsonObject().put("slept", 0.3));
      JsonObject ok = new JsonObject().put("ok", true);
      assertThat(worker.awaitPrinted("reported", 1))
          .containsExactly(new JsonObject().put("reported", ok));
      JsonObject again =
          message("task_result")
              .put("task_id", task)
              .put("worker_id", "w-" + habit)
              .put("ok", true);
      assertThat(ask(again.put("result", "a lie"))).isEqualTo(ok);
      assertThat(query(task).getJsonObject("result")).isEqualTo(new JsonObject().put("slept", 0.3));
      worker.close();
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> workers().isEmpty());
    }
  }

  @Test
  void aTaskOfAKilledWorkerIsGivenToAnother() {
    ForeignProgram silent = worker("w-silent", "silent");
    String task = submit(seconds(0.2));
    silent.awaitPrinted("executes", 1);
    worker("w-answer", "answer");
    silent.close();

    JsonObject done = ended(task);
    assertThat(done.getString("status")).isEqualTo("done");
    assertThat(done.getString("assigned_worker")).isEqualTo("w-answer");
    assertThat(read(task).attempt()).isEqualTo(2);
  }

  @Test
  void whatCrashesAWorkerIsTakenOverByAnotherAndEndsFailedWhenItsAttemptsAreUsedUp() {
    List<ForeignProgram> workers = List.of(worker("w-a", "silent"), worker("w-b", "answer"));
    String task = submit(new JsonObject().put("crash", true));

    JsonObject failed = ended(task);
    assertThat(failed.getString("status")).isEqualTo("failed");
    assertThat(failed.getString("error")).isNotEmpty();
    assertThat(failed.getJsonObject("payload")).isEqualTo(new JsonObject().put("crash", true));
    assertThat(workers)
        .allSatisfy(
            worker ->
                assertThat(worker.awaitPrinted("crashed", 1))
                    .containsExactly(new JsonObject().put("crashed", task)));
    assertThat(read(task).attempt()).isEqualTo(2);
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> workers().isEmpty());

    worker("w-c", "answer");
    assertThat(ended(submit(seconds(0))).getString("assigned_worker")).isEqualTo("w-c");
  }

  @Test
  void whatAWorkerSaysOfItsFailureIsShown() {
    worker("w-fail", "fail");
    String task = submit(seconds(0));
    assertThat(ended(task).getString("error")).isEqualTo("no disk");
  }

  @Test
  void anAnswerForAnotherTaskIsAFailure() {
    worker("w-other", "other");
    assertThat(ended(submit(seconds(0))).getString("error"))
        .isEqualTo("the worker answered for another task");
  }

  @Test
  void anAnswerUnderTheIdOfAnotherWorkerIsAFailure() {
    worker("w-liar", "liar");
    assertThat(ended(submit(seconds(0))).getString("error"))
        .isEqualTo("the worker answered as another worker");
  }

  @Test
  void aWorkerThatDoesNotListenCostsNoAttempt() throws IOException {
    int nobody;
    try (var probe = new java.net.ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = probe.getLocalPort();
    }
    JsonObject deaf = message("register_worker").put("worker_id", "deaf").put("port", nobody);
    assertThat(ask(deaf).getBoolean("ok")).isTrue();
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> workers().size() == 1);
    String task = submit(seconds(0));
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> workers().isEmpty());

    worker("w-1", "answer");

    assertThat(ended(task).getString("assigned_worker")).isEqualTo("w-1");
    assertThat(read(task).attempt()).isEqualTo(1);
  }

  @Test
  void hundredsOfTasksAreDoneOnceByWorkersThatTakeOneAtATime() {
    List<ForeignProgram> workers =
        List.of(worker("w-a", "answer"), worker("w-b", "answer"), worker("w-c", "answer"));
    List<String> tasks = new ArrayList<>();
    for (int i = 0; i < workers.size(); i++) {
      tasks.add(submit(seconds(1.5)));
    }
    for (int i = 0; i < 150; i++) {
      tasks.add(submit(seconds(0)));
    }
    tasks.forEach(task -> assertThat(ended(task).getString("status")).isEqualTo("done"));
    workers.forEach(each -> each.awaitPrinted("executes", 1));
    Awaitility.await().until(() -> executed(workers).size() >= tasks.size());
    assertThat(executed(workers))
        .extracting(each -> each.getJsonObject("executes").getString("task_id"))
        .containsExactlyInAnyOrderElementsOf(tasks);
  }

  private static List<JsonObject> executed(List<ForeignProgram> workers) {
    return workers.stream().flatMap(each -> each.printed("executes").stream()).toList();
  }

  @Test
  void aWorkerFinishesAndReportsWhatItHasWhenTheNodeStops() throws Exception {
    worker("w-1", "report");
    String task = submit(seconds(1));
    Awaitility.await().until(() -> query(task).getString("status").equals("assigned"));
    Future<?> closed = door.close();
    JsonObject asked = ask(message("query_task").put("token", alice).put("task_id", task));
    assertThat(asked.getString("error")).isEqualTo("node_stops");
    await(closed);

    assertThat(read(task).state()).isEqualTo(State.DONE);
    assertThat(read(task).attempt()).isEqualTo(1);
  }
}
