package dev.batuta.gateway.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.database.Results;
import dev.batuta.gateway.json.LooseJson;
import org.jspecify.annotations.Nullable;

/** What a worker says of the task that it was sent. */
sealed interface WorkerAnswer {
  /**
   * It is done.
   *
   * @param result any JSON that may be stored, null for none
   */
  record Done(@Nullable String result) implements WorkerAnswer {}

  /** The attempt failed. */
  record Failed(String why) implements WorkerAnswer {}

  /** It has the task, and will say later what became of it. */
  record Received() implements WorkerAnswer {}

  /**
   * Reads the answer to {@code execute_task}. One that only says {@code {"ok":true}} says that the
   * task has come.
   *
   * @param id of the task that was sent
   * @param worker to whom, by the id under which it registered
   */
  static WorkerAnswer ofExecution(ObjectNode answer, long id, String worker) {
    if (isAnother(answer.path("task_id"), Long.toString(id))) {
      return new Failed("the worker answered for another task");
    }
    if (isAnother(answer.path("worker_id"), worker)) {
      return new Failed("the worker answered as another worker");
    }
    boolean isBare = !isSaid(answer.path("task_id")) && answer.path("result").isMissingNode();
    return isBare && answer.path("ok").asBoolean() ? new Received() : of(answer);
  }

  private static boolean isAnother(JsonNode said, String id) {
    return isSaid(said) && !LooseJson.text(said).equals(id);
  }

  private static boolean isSaid(JsonNode field) {
    return !field.isMissingNode() && !field.isNull();
  }

  /** Reads what {@code task_result} says. */
  static WorkerAnswer of(ObjectNode answer) {
    JsonNode result = answer.path("result");
    if (!answer.path("ok").asBoolean()) {
      JsonNode why = answer.path("error");
      return new Failed(
          why.isMissingNode() || why.isNull()
              ? "the worker says that it failed, and not why"
              : why.isTextual() ? why.textValue() : why.toString());
    }
    if (result.isMissingNode() || result.isNull()) {
      return new Done(null);
    }
    String json = result.toString();
    return Results.flaw(json).<WorkerAnswer>map(Failed::new).orElseGet(() -> new Done(json));
  }
}
