package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.ledger.AmountRules.Sign;
import dev.batuta.orchestrator.TaskRules;
import java.util.Set;

/**
 * What a task is to do, as clients write it; {@link SubmissionJson} has the rest of a task, and
 * {@link TaskRules} judges both.
 */
final class PayloadJson {
  private PayloadJson() {}

  /**
   * The payload of a task.
   *
   * @param at where the task is in the body, for the sentence of a refusal
   */
  static Payload read(ObjectNode task, String at) {
    Payload payload = parsed(task, at);
    TaskRules.check(at, payload);
    return payload;
  }

  private static Payload parsed(ObjectNode task, String at) {
    String kind = SubmissionJson.text(task, at, "kind");
    return switch (kind) {
      case "QUERY" -> query(object(task, at), at + "payload.");
      case "UPDATE" -> update(object(task, at), at + "payload.");
      case "TRANSFER" -> transfer(object(task, at), at + "payload.");
      case "COMPUTE" -> compute(object(task, at), at + "payload.");
      case "EXTERNAL" -> {
        JsonNode payload = task.path("payload");
        if (payload.isMissingNode()) {
          throw SubmissionJson.invalid(at + "payload is missing; send any JSON.");
        }
        yield new External(payload.toString());
      }
      // Which kinds there are, the service knows.
      default -> new Custom(kind, object(task, at).toString());
    };
  }

  private static ObjectNode object(ObjectNode task, String at) {
    if (task.path("payload") instanceof ObjectNode payload) {
      return payload;
    }
    throw SubmissionJson.invalid(at + "payload is missing; send an object.");
  }

  private static Query query(ObjectNode payload, String at) {
    SubmissionJson.onlyFields(payload, Set.of("user"), at);
    return new Query(SubmissionJson.text(payload, at, "user"));
  }

  private static Update update(ObjectNode payload, String at) {
    SubmissionJson.onlyFields(payload, Set.of("user", "operation", "amount"), at);
    String user = SubmissionJson.text(payload, at, "user");
    Operation operation = operation(payload, at);
    return new Update(user, operation, amount(payload, at, Sign.of(operation)));
  }

  private static Transfer transfer(ObjectNode payload, String at) {
    SubmissionJson.onlyFields(payload, Set.of("from", "to", "amount"), at);
    String from = SubmissionJson.text(payload, at, "from");
    String to = SubmissionJson.text(payload, at, "to");
    return new Transfer(from, to, amount(payload, at, Sign.POSITIVE));
  }

  private static Compute compute(ObjectNode payload, String at) {
    SubmissionJson.onlyFields(payload, Set.of("durationMillis", "crash"), at);
    if (payload.path("durationMillis").isMissingNode()) {
      throw SubmissionJson.invalid(at + "durationMillis is missing; use 0 for at once.");
    }
    long durationMillis = SubmissionJson.number(payload, at, TaskRules.DURATION_MILLIS);
    JsonNode crash = payload.path("crash");
    if (!crash.isMissingNode() && !crash.isBoolean()) {
      throw SubmissionJson.invalid(
          at + "crash is " + Refused.shown(crash.toString()) + "; use true or false.");
    }
    return new Compute(durationMillis, crash.booleanValue());
  }

  private static String amount(ObjectNode payload, String at, Sign sign) {
    JsonNode amount = payload.path("amount");
    if (amount.isMissingNode() || amount.isNull()) {
      throw SubmissionJson.invalid(at + "amount is missing; write a decimal such as \"120.50\".");
    }
    return AmountJson.read(at + "amount", amount, sign);
  }

  private static Operation operation(ObjectNode payload, String at) {
    if (payload.path("operation").isMissingNode()) {
      return Operation.SET;
    }
    String name = SubmissionJson.text(payload, at, "operation");
    return switch (name) {
      case "set" -> Operation.SET;
      case "deposit" -> Operation.DEPOSIT;
      case "withdraw" -> Operation.WITHDRAW;
      default ->
          throw SubmissionJson.invalid(
              at
                  + "operation \""
                  + Refused.shown(name)
                  + "\" is unknown; use set, deposit or withdraw.");
    };
  }
}
