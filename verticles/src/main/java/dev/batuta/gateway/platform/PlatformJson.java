package dev.batuta.gateway.platform;

import dev.batuta.codec.Failure;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.gateway.json.StoredJson;
import dev.batuta.gateway.json.TaskJson;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** What the platform is told. Durations and instants are in seconds. */
final class PlatformJson {
  private PlatformJson() {}

  /** A login that is refused, in the form that clients of the platform wait for. */
  static JsonObject noToken() {
    return new JsonObject().put("ok", false).putNull("token");
  }

  static JsonObject ok() {
    return new JsonObject().put("ok", true);
  }

  /** A refusal by a word of the platform. */
  static JsonObject refused(String word) {
    return new JsonObject().put("ok", false).put("error", word);
  }

  /** A refusal, by the word for it where the platform has one, else by Batuta's code. */
  static JsonObject refused(Failure failure) {
    return switch (failure.kind()) {
      case UNAUTHENTICATED -> refused("unauthenticated");
      case NOT_FOUND -> refused(word(failure));
      default -> refused(word(failure)).put("message", failure.message());
    };
  }

  /** A code as the platform spells its own. */
  static String word(Failure failure) {
    return failure.code().replace('-', '_');
  }

  static JsonObject task(Task task) {
    String state = state(task.state());
    JsonObject shown =
        new JsonObject()
            .put("client", task.user())
            .put("payload", payload(task))
            .put("status", state)
            .put("assigned_worker", worker(task))
            .put("result", TaskJson.result(task.result()))
            .put("created_at", seconds(task.createdAtMillis()));
    if (task.error() != null) {
      shown.put("error", task.error());
    }
    if (task.state().isFinal()) {
      shown.put("finished_at", seconds(task.finishedAtMillis()));
    }
    return new JsonObject().put("ok", true).put("task", shown);
  }

  private static String state(State state) {
    return switch (state) {
      case PENDING, FAILED -> "pending";
      case RUNNING -> "assigned";
      case DONE -> "done";
      case DEAD, CANCELLED -> "failed";
    };
  }

  private static @Nullable String worker(Task task) {
    String worker = task.worker();
    boolean has = task.state() == State.RUNNING || task.state().isFinal();
    return worker == null || !has ? null : MemberName.worker(worker);
  }

  private static @Nullable Object payload(Task task) {
    return task.payload() instanceof Compute compute
        ? payload(compute)
        : TaskJson.task(task).getValue("payload");
  }

  /** As it was given, where it was given here. */
  private static Object payload(Compute compute) {
    if (compute.given() != null) {
      return StoredJson.of(compute.given());
    }
    JsonObject payload = new JsonObject().put("duration", seconds(compute.durationMillis()));
    return compute.crash() ? payload.put("crash", true) : payload;
  }

  static JsonObject execution(Assignment task, long lamport) {
    Object payload =
        task.payload() instanceof Compute compute ? payload(compute) : new JsonObject();
    return new JsonObject()
        .put("type", "execute_task")
        .put("task_id", Long.toString(task.id()))
        .put("payload", payload)
        .put("lamport", lamport);
  }

  /** Whole where it is, as clients wrote it. */
  private static Number seconds(long millis) {
    if (millis % 1000 == 0) {
      return millis / 1000;
    }
    return millis / 1000.0;
  }
}
