package dev.batuta.gateway.bridge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.events.BridgeSession.Inbound;
import dev.batuta.gateway.json.SubmissionJson;
import dev.batuta.gateway.json.TaskJson;
import dev.batuta.gateway.services.Submission;
import dev.batuta.gateway.services.TaskService;
import dev.batuta.identity.Caller;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;

/**
 * The addresses to which a client with a token may send: what it submits, and what became of it.
 */
final class TaskAddresses {
  /** A task, in the form of {@code POST /api/v1/tasks}. */
  static final String SUBMIT = "batuta.tasks.submit";

  /** {@code {id}}. */
  static final String READ = "batuta.tasks.read";

  private final Gateway gateway;
  private final TaskService tasks;

  TaskAddresses(Gateway gateway) {
    this.gateway = gateway;
    this.tasks = gateway.services().tasks();
  }

  Inbound inbound() {
    return new Inbound(true, Map.of(SUBMIT, this::submit, READ, this::read));
  }

  private Future<JsonObject> submit(Caller caller, JsonNode body) {
    gateway.parts().countRequest().run();
    Submission given = SubmissionJson.one(object(body), null);
    NewTask task = given.tasks().getFirst();
    return tasks
        .submit(caller, task, given.key(), Duration.ZERO)
        .map(
            done ->
                done.seen()
                    .map(TaskJson::task)
                    .orElseGet(
                        () -> TaskJson.accepted(done.id(), task, given.key(), done.owner())));
  }

  private Future<JsonObject> read(Caller caller, JsonNode body) {
    gateway.parts().countRequest().run();
    return tasks.read(caller, object(body).path("id").asText(), Duration.ZERO).map(TaskJson::task);
  }

  private static ObjectNode object(JsonNode body) {
    if (body instanceof ObjectNode object) {
      return object;
    }
    throw Refused.invalid("invalid-request", "body is no object; send one.");
  }
}
