package dev.batuta.gateway.foreign;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.gateway.foreign.Said.Greeting;
import dev.batuta.gateway.foreign.Said.Manner;
import dev.batuta.gateway.json.JsonBounds;
import dev.batuta.task.ExactNumbers;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send. Which fields they use, and how these are spelled, is here and nowhere
 * else. A field of a wrong type is one that was left out; one that is unknown is passed over. Pure,
 * safe on any thread.
 */
final class Dialect {
  /** Of the workers that one message names; more are passed over. */
  static final int MAX_WORKERS = 1_000;

  private static final int MAX_NEEDED = 1_000_000;
  private static final int MAX_TEXT = 256;

  private static final ObjectReader JSON =
      ExactNumbers.mapper(
              new JsonFactoryBuilder().streamReadConstraints(JsonBounds.CONSTRAINTS).build())
          .build()
          .readerFor(JsonNode.class);

  private Dialect() {}

  /** What a message says; never fails. */
  static Said read(String json) {
    try {
      return JSON.readValue(json) instanceof ObjectNode object
          ? read(object)
          : new Said.Malformed();
    } catch (IOException | NumberFormatException unreadable) {
      return JsonBounds.areExceeded(unreadable) ? new Said.TooComplex() : new Said.Malformed();
    }
  }

  private static Said read(ObjectNode said) {
    if (is(said, "WORKER", "ALIVE")) {
      boolean byId = text(said, "WORKER_UUID") == null && text(said, "WORKER_ID") != null;
      Manner manner = byId ? Manner.BY_WORKER_ID : Manner.USUAL;
      return new Said.Present(
          text(said, "WORKER_UUID", "WORKER_ID"), text(said, "SERVER_UUID", "OWNER_ID"), manner);
    }
    String flag = text(said, "flag");
    if (flag != null && flag.startsWith("WORKER:ALIVE")) {
      return new Said.Present(null, null, Manner.BY_FLAG);
    }
    Said answer = answer(said);
    if (answer != null) {
      return answer;
    }
    Said master = master(said);
    return master != null ? master : result(said);
  }

  /** What a master answers. */
  private static @Nullable Said answer(ObjectNode said) {
    String server = text(said, "SERVER_UUID", "SERVER_ID", "MASTER");
    List<String> workers = workers(said);
    if (is(said, "RESPONSE", "AVAILABLE")
        || (is(said, "TASK", "WORKER_RESPONSE") && is(said, "STATUS", "ACK"))) {
      return new Said.WorkerResponse(server, workers);
    }
    if (is(said, "RESPONSE", "UNAVAILABLE") || is(said, "TASK", "WORKER_RESPONSE")) {
      return new Said.WorkerResponse(server, List.of());
    }
    if (is(said, "RESPONSE", "RELEASE_ACK")) {
      return new Said.ReleaseAck(server, workers);
    }
    if (is(said, "RESPONSE", "RELEASE_COMPLETED")) {
      return new Said.ReleaseCompleted(server, workers);
    }
    boolean received = is(said, "TASK", "RECIEVE") || is(said, "TASK", "RECEIVE");
    if ((is(said, "SERVER", "ALIVE") && received)
        || (is(said, "TASK", "HEARTBEAT") && is(said, "RESPONSE", "ALIVE"))) {
      return new Said.HeartbeatAnswer(server);
    }
    return null;
  }

  /** What a master asks. */
  private static @Nullable Said master(ObjectNode said) {
    String server = text(said, "SERVER_UUID", "SERVER_ID");
    if (is(said, "TASK", "HEARTBEAT")) {
      boolean byId = text(said, "SERVER_UUID") == null && server != null;
      return new Said.Heartbeat(byId ? Greeting.SERVER_ID : Greeting.SERVER_UUID, server);
    }
    if (is(said, "TASK", "WORKER_REQUEST")) {
      Endpoint from = endpoint(said.get("REQUESTOR_INFO"));
      from = from != null ? from : endpoint(said.get("MASTER"));
      return new Said.WorkerRequest(
          server != null ? server : text(said, "MASTER"), needed(said), from);
    }
    if (is(said, "TASK", "COMMAND_RELEASE")) {
      return new Said.Release(server, workers(said));
    }
    if (is(said, "SERVER", "ALIVE") && (is(said, "TASK", "REQUEST") || !said.has("TASK"))) {
      return new Said.Heartbeat(Greeting.SERVER_ALIVE, server);
    }
    return null;
  }

  private static Said result(ObjectNode said) {
    String status = text(said, "STATUS", "status");
    boolean ok = "OK".equalsIgnoreCase(status);
    if (!ok && !"NOK".equalsIgnoreCase(status)) {
      return new Said.Unknown();
    }
    return new Said.Result(
        text(said, "WORKER_UUID", "WORKER_ID"),
        text(said, "WORKER"),
        ok,
        text(said, "TASK", "task"),
        text(said, "TASK_ID"),
        text(said, "USER", "CPF", "cpf", "user_id"),
        amount(said),
        text(said, "ERROR", "error"));
  }

  private static int needed(ObjectNode said) {
    JsonNode needed = said.get("WORKERS_NEEDED");
    return needed == null || !needed.isNumber() ? 1 : Math.clamp(needed.asLong(), 1, MAX_NEEDED);
  }

  /** Strings and {@code {"WORKER_UUID": ..}}. */
  private static List<String> workers(ObjectNode said) {
    JsonNode listed = said.has("WORKERS_UUID") ? said.get("WORKERS_UUID") : said.get("WORKERS");
    List<String> workers = new ArrayList<>();
    if (listed != null && listed.isArray()) {
      for (JsonNode each : listed) {
        String worker =
            each instanceof ObjectNode object
                ? text(object, "WORKER_UUID", "WORKER_ID")
                : text(each);
        if (worker != null && workers.size() < MAX_WORKERS) {
          workers.add(worker);
        }
      }
    }
    return List.copyOf(workers);
  }

  private static @Nullable Endpoint endpoint(@Nullable JsonNode from) {
    if (!(from instanceof ObjectNode object)) {
      return null;
    }
    String host = text(object, "ip", "IP", "host", "HOST");
    JsonNode port = object.has("port") ? object.get("port") : object.get("PORT");
    int number = port == null ? 0 : port.asInt(0);
    return host == null || number < 1 || number > 65_535 ? null : new Endpoint(host, number);
  }

  private static @Nullable BigDecimal amount(ObjectNode said) {
    JsonNode amount = said.has("SALDO") ? said.get("SALDO") : said.get("saldo");
    if (amount == null) {
      return null;
    }
    if (amount.isNumber()) {
      return amount.decimalValue();
    }
    try {
      return amount.isTextual() && amount.textValue().length() <= 40
          ? new BigDecimal(amount.textValue().trim())
          : null;
    } catch (NumberFormatException text) {
      return null;
    }
  }

  private static boolean is(ObjectNode said, String field, String value) {
    return value.equals(text(said, field));
  }

  /** The first of these fields that has a text. */
  private static @Nullable String text(ObjectNode said, String... fields) {
    for (String field : fields) {
      String text = text(said.get(field));
      if (text != null) {
        return text;
      }
    }
    return null;
  }

  /** Ids are also written as numbers. */
  private static @Nullable String text(@Nullable JsonNode value) {
    if (value == null || !(value.isTextual() || value.isIntegralNumber())) {
      return null;
    }
    String text = value.asText().trim();
    return text.isEmpty() || text.length() > MAX_TEXT ? null : text;
  }
}
