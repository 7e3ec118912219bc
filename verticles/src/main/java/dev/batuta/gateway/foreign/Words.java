package dev.batuta.gateway.foreign;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.gateway.foreign.Said.Greeting;
import dev.batuta.gateway.foreign.Said.Manner;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;

/**
 * What the server says, as JSON; the spelling is the protocol's. Pure, safe on any thread.
 *
 * <p>Answers to masters carry the fields of both dialects, as a request does not show which one its
 * sender reads.
 */
final class Words {
  private Words() {}

  /**
   * A task.
   *
   * @param manner how the worker presented itself
   */
  static JsonObject task(Assignment task, Manner manner) {
    String user = user(task.payload());
    String id = Long.toString(task.id());
    if (manner == Manner.BY_FLAG) {
      return new JsonObject()
          .put("user_id", user)
          .put("task", "QUERY")
          .put("flag", "<USER:" + user + "; TASK:QUERY>")
          .put("TASK_ID", id);
    }
    JsonObject said = new JsonObject().put("TASK", task.payload().kind()).put("USER", user);
    if (task.payload() instanceof Update(_, _, String amount)) {
      said.put("CPF", user).put("SALDO", new BigDecimal(amount).setScale(2));
    }
    return said.put("TASK_ID", id);
  }

  /** The account of a task that may go to a foreign worker. */
  static String user(Payload payload) {
    return switch (payload) {
      case Query(String user) -> user;
      case Update(String user, _, _) -> user;
      case Transfer _, Compute _, External _, Custom _ ->
          throw new IllegalArgumentException(payload.kind() + " is for no foreign worker");
    };
  }

  static JsonObject noTask(Manner manner) {
    JsonObject said = new JsonObject().put("TASK", "NO_TASK");
    return manner == Manner.BY_FLAG
        ? said.put("task", "NO_TASK").put("flag", "<TASK:NO_TASK>")
        : said;
  }

  static JsonObject ack() {
    return new JsonObject().put("STATUS", "ACK");
  }

  /**
   * A refusal.
   *
   * @param code stable, for programs
   * @param why for people, made of nothing that a client sent
   */
  static JsonObject nack(String code, String why) {
    return new JsonObject().put("STATUS", "NACK").put("ERROR", why).put("CODE", code);
  }

  /**
   * Sends a worker to another master.
   *
   * @param asList whether it reads {@code MASTER_REDIRECT} as a list
   */
  static JsonObject redirect(
      Endpoint target, Endpoint home, List<Endpoint> failover, boolean asList) {
    JsonArray others = new JsonArray();
    failover.forEach(each -> others.add(upper(each)));
    return new JsonObject()
        .put("TASK", "REDIRECT")
        .put("TARGET_MASTER", upper(target))
        .put("HOME_MASTER", upper(home))
        .put("FAILOVER_LIST", others)
        .put("SERVER_REDIRECT", lower(target))
        .put(
            "MASTER_REDIRECT",
            asList ? new JsonArray().add(target.host()).add(target.port()) : lower(target));
  }

  /** Sends a worker home. */
  static JsonObject goHome(Endpoint home) {
    return new JsonObject().put("TASK", "RETURN").put("SERVER_RETURN", lower(home));
  }

  /** The answer to a heartbeat, in its dialect. */
  static JsonObject alive(Said.Heartbeat heartbeat, String self) {
    JsonObject said = new JsonObject();
    return switch (heartbeat.greeting()) {
      case SERVER_ALIVE -> said.put("SERVER", "ALIVE").put("TASK", "RECIEVE");
      case SERVER_UUID ->
          said.put("SERVER_UUID", self).put("TASK", "HEARTBEAT").put("RESPONSE", "ALIVE");
      case SERVER_ID ->
          said.put("SERVER_ID", heartbeat.server())
              .put("TASK", "HEARTBEAT")
              .put("RESPONSE", "ALIVE");
    };
  }

  static JsonObject heartbeat(Greeting greeting, String self) {
    return switch (greeting) {
      case SERVER_ALIVE -> new JsonObject().put("SERVER", "ALIVE").put("TASK", "REQUEST");
      case SERVER_UUID -> new JsonObject().put("SERVER_UUID", self).put("TASK", "HEARTBEAT");
      case SERVER_ID -> new JsonObject().put("SERVER_ID", self).put("TASK", "HEARTBEAT");
    };
  }

  static JsonObject workerRequest(String self, int needed, Endpoint from) {
    return new JsonObject()
        .put("TASK", "WORKER_REQUEST")
        .put("WORKERS_NEEDED", needed)
        .put("REQUESTOR_INFO", lower(from))
        .put("SERVER_UUID", self);
  }

  /** These workers come; none of them is a refusal. */
  static JsonObject workerResponse(String self, List<String> workers) {
    JsonObject said =
        new JsonObject()
            .put("TASK", "WORKER_RESPONSE")
            .put("STATUS", workers.isEmpty() ? "NACK" : "ACK")
            .put("MASTER", self)
            .put("WORKERS", new JsonArray(workers))
            .put("SERVER_UUID", self)
            .put("RESPONSE", workers.isEmpty() ? "UNAVAILABLE" : "AVAILABLE");
    return workers.isEmpty() ? said : said.put("WORKERS_UUID", new JsonArray(workers));
  }

  static JsonObject release(String self, List<String> workers) {
    return new JsonObject()
        .put("SERVER_UUID", self)
        .put("TASK", "COMMAND_RELEASE")
        .put("WORKERS_UUID", new JsonArray(workers));
  }

  /**
   * @param response {@code RELEASE_ACK} or {@code RELEASE_COMPLETED}
   */
  static JsonObject released(String self, String response, List<String> workers) {
    return new JsonObject()
        .put("SERVER_UUID", self)
        .put("RESPONSE", response)
        .put("WORKERS_UUID", new JsonArray(workers));
  }

  private static JsonObject upper(Endpoint at) {
    return new JsonObject().put("IP", at.host()).put("PORT", at.port());
  }

  private static JsonObject lower(Endpoint at) {
    return new JsonObject().put("ip", at.host()).put("port", at.port());
  }
}
