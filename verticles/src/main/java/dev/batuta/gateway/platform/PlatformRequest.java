package dev.batuta.gateway.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.gateway.json.ExactJson;
import dev.batuta.orchestrator.TaskRules;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;

/** What clients and workers of the platform say. */
sealed interface PlatformRequest {
  /** {@code auth} or {@code login}; what is no text is as empty, which is nobody's. */
  record LogIn(String user, String password) implements PlatformRequest {}

  /** {@code submit_task}. */
  record SubmitTask(String token, Compute task) implements PlatformRequest {}

  /** {@code query_task} or {@code query_status}. */
  record QueryTask(String token, String task) implements PlatformRequest {}

  /**
   * {@code register_worker}.
   *
   * @param worker its id, empty where it has none
   * @param host where it says that it listens, empty where it does not say it
   */
  record RegisterWorker(String worker, String host, int port) implements PlatformRequest {}

  /**
   * {@code heartbeat}.
   *
   * @param lamport its clock, where it says one that can be one
   */
  record Heartbeat(String worker, OptionalLong lamport) implements PlatformRequest {}

  /** {@code task_result}. */
  record TaskResult(String task, String worker, WorkerAnswer answer) implements PlatformRequest {}

  /** Anything else. */
  record Unknown(String type) implements PlatformRequest {}

  /** Integers that every client can read are below it. */
  long MAX_CLOCK = 1L << 53;

  /**
   * Reads a frame.
   *
   * @throws Refused INVALID when it is no JSON object, or a field cannot mean what it has to
   */
  static PlatformRequest of(Buffer frame) {
    ObjectNode said = ExactJson.object(frame);
    String type = text(said, "type");
    return switch (type) {
      case "auth", "login" -> new LogIn(text(said, "username"), text(said, "password"));
      case "submit_task" -> new SubmitTask(text(said, "token"), compute(said.path("payload")));
      case "query_task", "query_status" -> new QueryTask(text(said, "token"), id(said));
      case "register_worker" ->
          new RegisterWorker(worker(said), text(said, "host"), port(said.path("port")));
      case "heartbeat" -> new Heartbeat(worker(said), clock(said.path("lamport")));
      case "task_result" -> new TaskResult(id(said), worker(said), WorkerAnswer.of(said));
      default -> new Unknown(type);
    };
  }

  private static String text(ObjectNode said, String field) {
    return said.path(field).isTextual() ? said.path(field).textValue() : "";
  }

  private static String id(ObjectNode said) {
    JsonNode id = said.path("task_id");
    return id.isTextual() || id.isIntegralNumber() ? id.asText() : "";
  }

  private static String worker(ObjectNode said) {
    JsonNode id = said.path("worker_id");
    JsonNode given = id.isMissingNode() || id.isNull() ? said.path("id") : id;
    return given.isTextual() || given.isIntegralNumber() ? given.asText() : "";
  }

  private static Compute compute(JsonNode payload) {
    if (!payload.isMissingNode() && !payload.isNull() && !payload.isObject()) {
      throw wrong("payload", payload, "send an object such as {\"duration\": 2}");
    }
    JsonNode crash = payload.path("crash");
    if (!crash.isMissingNode() && !crash.isNull() && !crash.isBoolean()) {
      throw wrong("payload.crash", crash, "use true or false");
    }
    Compute task =
        new Compute(
            millis(payload.path("duration")),
            crash.booleanValue(),
            payload.isObject() ? payload.toString() : null);
    TaskRules.check("", task);
    return task;
  }

  private static long millis(JsonNode duration) {
    if (duration.isMissingNode() || duration.isNull()) {
      return 1000;
    }
    // As a double: a number with a huge exponent is one at once.
    double seconds = duration.isNumber() ? duration.doubleValue() : -1;
    if (!(seconds >= 0 && seconds <= Compute.MAX_DURATION_MILLIS / 1000.0)) {
      throw wrong(
          "payload.duration",
          duration,
          "use a number of seconds from 0 to " + Compute.MAX_DURATION_MILLIS / 1000);
    }
    return Math.round(seconds * 1000);
  }

  private static int port(JsonNode port) {
    if (port.isIntegralNumber() && port.canConvertToInt()) {
      int number = port.intValue();
      if (number >= 1 && number <= 65_535) {
        return number;
      }
    }
    throw wrong("port", port, "say at which port this worker listens, from 1 to 65535");
  }

  private static OptionalLong clock(JsonNode lamport) {
    double value = lamport.isNumber() ? lamport.doubleValue() : -1;
    return value >= 0 && value < MAX_CLOCK && value == Math.rint(value)
        ? OptionalLong.of((long) value)
        : OptionalLong.empty();
  }

  private static Refused wrong(String field, JsonNode value, String remedy) {
    return Refused.invalid(
        "invalid-request",
        value.isMissingNode()
            ? field + " is missing; " + remedy + "."
            : field + " is " + Refused.shown(value.toString()) + "; " + remedy + ".");
  }
}
