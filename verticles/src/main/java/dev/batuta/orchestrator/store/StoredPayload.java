package dev.batuta.orchestrator.store;

import static dev.batuta.database.JsonText.quote;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** A payload as the database keeps it: a kind, and JSON that people can read. */
record StoredPayload(String kind, String json) {

  static StoredPayload of(Payload payload) {
    return new StoredPayload(payload.kind(), write(payload, new StringBuilder()).toString());
  }

  /** Appends the JSON of a payload. */
  static StringBuilder write(Payload payload, StringBuilder json) {
    switch (payload) {
      case Query(var user) -> quote(user, json.append("{\"user\":")).append('}');
      case Update(var user, var operation, var amount) -> {
        quote(user, json.append("{\"user\":")).append(",\"operation\":\"").append(name(operation));
        quote(amount, json.append("\",\"amount\":")).append('}');
      }
      case Transfer(var from, var to, var amount) -> {
        quote(from, json.append("{\"from\":"));
        quote(to, json.append(",\"to\":"));
        quote(amount, json.append(",\"amount\":")).append('}');
      }
      case Compute(var durationMillis, var crash, var given) -> {
        json.append("{\"durationMillis\":").append(durationMillis);
        json.append(crash ? ",\"crash\":true" : "");
        if (given != null) {
          quote(given, json.append(",\"given\":")); // a text: databases write JSON anew
        }
        json.append('}');
      }
      case External(var text) -> json.append(text);
      case Custom(var _, var text) -> json.append(text);
    }
    return json;
  }

  private static String name(Operation operation) {
    return switch (operation) {
      case SET -> "set";
      case DEPOSIT -> "deposit";
      case WITHDRAW -> "withdraw";
    };
  }

  /** What a later version stored is {@link Custom}: it waits for a worker that takes it. */
  Payload payload() {
    return switch (kind) {
      case "QUERY" -> new Query(fields().getString("user"));
      case "UPDATE" -> {
        JsonObject fields = fields();
        yield new Update(
            fields.getString("user"),
            Operation.valueOf(fields.getString("operation").toUpperCase(Locale.ROOT)),
            fields.getString("amount"));
      }
      case "TRANSFER" -> {
        JsonObject fields = fields();
        yield new Transfer(
            fields.getString("from"), fields.getString("to"), fields.getString("amount"));
      }
      case "COMPUTE" -> {
        JsonObject fields = fields();
        yield new Compute(
            fields.getLong("durationMillis"),
            fields.getBoolean("crash", false),
            fields.getString("given"));
      }
      case "EXTERNAL" -> new External(json);
      default -> new Custom(kind, json);
    };
  }

  private JsonObject fields() {
    return new JsonObject(json);
  }
}
