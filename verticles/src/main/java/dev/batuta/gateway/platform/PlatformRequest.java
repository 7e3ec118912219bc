package dev.batuta.gateway.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.gateway.json.ExactJson;
import dev.batuta.gateway.json.LooseJson;
import dev.batuta.orchestrator.TaskRules;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
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

  /** Of a payload that does not say how long. */
  long DEFAULT_MILLIS = 1_000;

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
    return LooseJson.text(said.path("task_id"));
  }

  private static String worker(ObjectNode said) {
    JsonNode id = said.path("worker_id");
    return LooseJson.text(id.isMissingNode() || id.isNull() ? said.path("id") : id);
  }

  private static Compute compute(JsonNode payload) {
    if (isNone(payload)) {
      return new Compute(DEFAULT_MILLIS, false);
    }
    if (!(payload instanceof ObjectNode given)) {
      throw wrong("payload", payload, "send an object such as {\"duration\": 2}");
    }
    long millis = millis(given.path("duration"));
    boolean crash = crash(given.path("crash"));
    Compute task = new Compute(millis, crash, plain(given, millis, crash).toString());
    TaskRules.check("", task);
    return task;
  }

  /** As it was given, but for what its worker might not read as it is read here. */
  private static ObjectNode plain(ObjectNode given, long millis, boolean crash) {
    if (given.path("duration").isNull()) {
      given.remove("duration");
    } else if (given.path("duration").isTextual()) {
      BigDecimal seconds = BigDecimal.valueOf(millis, 3).stripTrailingZeros();
      given.put("duration", seconds.setScale(Math.max(0, seconds.scale())));
    }
    if (given.has("crash")) {
      given.put("crash", crash);
    }
    return given;
  }

  private static boolean isNone(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private static boolean crash(JsonNode crash) {
    return !isNone(crash)
        && LooseJson.truth(crash)
            .orElseThrow(() -> wrong("payload.crash", crash, "use true or false"));
  }

  private static long millis(JsonNode duration) {
    if (isNone(duration)) {
      return DEFAULT_MILLIS;
    }
    // As a double: a number with a huge exponent is one at once.
    double seconds = LooseJson.number(duration).orElse(-1);
    if (!(seconds >= 0 && seconds <= Compute.MAX_DURATION_MILLIS / 1000.0)) {
      throw wrong(
          "payload.duration",
          duration,
          "use a number of seconds from 0 to " + Compute.MAX_DURATION_MILLIS / 1000);
    }
    return Math.round(seconds * 1000);
  }

  private static int port(JsonNode port) {
    long number = LooseJson.whole(port).orElse(0);
    if (number < 1 || number > 65_535) {
      throw wrong("port", port, "say at which port this worker listens, from 1 to 65535");
    }
    return (int) number;
  }

  private static OptionalLong clock(JsonNode lamport) {
    OptionalLong value = LooseJson.whole(lamport);
    return value.isPresent() && value.getAsLong() >= 0 && value.getAsLong() < MAX_CLOCK
        ? value
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
