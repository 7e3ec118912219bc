package dev.batuta.orchestrator;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Update;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** A payload as the database keeps it: a kind, and JSON that people can read. */
record StoredPayload(String kind, String json) {

  static StoredPayload of(Payload payload) {
    return switch (payload) {
      case Query(var user) ->
          new StoredPayload("QUERY", new JsonObject().put("user", user).encode());
      case Update(var user, var operation, var amount) ->
          new StoredPayload(
              "UPDATE",
              new JsonObject()
                  .put("user", user)
                  .put("operation", operation.name().toLowerCase(Locale.ROOT))
                  .put("amount", amount)
                  .encode());
    };
  }

  Payload payload() {
    JsonObject fields = new JsonObject(json);
    return switch (kind) {
      case "QUERY" -> new Query(fields.getString("user"));
      case "UPDATE" ->
          new Update(
              fields.getString("user"),
              Operation.valueOf(fields.getString("operation").toUpperCase(Locale.ROOT)),
              fields.getString("amount"));
      default -> throw new IllegalStateException("a task of unknown kind is stored: " + kind);
    };
  }
}
