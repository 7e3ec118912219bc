package dev.batuta.orchestrator;

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
    return new StoredPayload(payload.kind(), json(payload));
  }

  private static String json(Payload payload) {
    return switch (payload) {
      case Query(var user) -> new JsonObject().put("user", user).encode();
      case Update(var user, var operation, var amount) ->
          new JsonObject()
              .put("user", user)
              .put("operation", operation.name().toLowerCase(Locale.ROOT))
              .put("amount", amount)
              .encode();
      case Transfer(var from, var to, var amount) ->
          new JsonObject().put("from", from).put("to", to).put("amount", amount).encode();
      case Compute(var durationMillis, var crash) ->
          "{\"durationMillis\":" + durationMillis + (crash ? ",\"crash\":true}" : "}");
      case External(var json) -> json;
      case Custom(var _, var json) -> json;
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
        yield new Compute(fields.getLong("durationMillis"), fields.getBoolean("crash", false));
      }
      case "EXTERNAL" -> new External(json);
      default -> new Custom(kind, json);
    };
  }

  private JsonObject fields() {
    return new JsonObject(json);
  }
}
