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
   */
  static WorkerAnswer ofExecution(ObjectNode answer, long id) {
    JsonNode task = answer.path("task_id");
    boolean isNamed = !task.isMissingNode() && !task.isNull();
    if (isNamed && !LooseJson.text(task).equals(Long.toString(id))) {
      return new Failed("the worker answered for another task");
    }
    boolean isBare = !isNamed && answer.path("result").isMissingNode();
    return isBare && answer.path("ok").asBoolean() ? new Received() : of(answer);
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
