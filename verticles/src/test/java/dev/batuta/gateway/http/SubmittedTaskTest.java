package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a task is read with, at each door of the REST interface. */
class SubmittedTaskTest extends GatewayCalls {
  @Test
  void aTaskReadsAsItWasSubmittedWhileItWaitsAndAfterwards() {
    JsonObject submitted =
        new JsonObject(QUERY)
            .put("priority", 7)
            .put("notBefore", "2040-01-01T01:00:00+01:00")
            .put("idempotencyKey", "as-submitted")
            .put("timeoutMillis", 1500)
            .put("maxAttempts", 4);
    JsonObject wanted = submitted.copy().put("notBefore", "2040-01-01T00:00:00Z");
    Reply accepted = post("tasks", alice, submitted.encode());
    String id = accepted.text("id");
    List<JsonObject> seen =
        List.of(
            accepted.json(),
            post("tasks", alice, submitted.encode()).json(),
            get("tasks/" + id, alice).json(),
            get("tasks/" + id + "?waitMillis=1", alice).json(),
            get("tasks?after=" + (Long.parseLong(id) - 1) + "&limit=1", admin)
                .json()
                .getJsonArray("items")
                .getJsonObject(0),
            post("tasks/" + id + "/cancel", alice, "").json());
    assertThat(seen).extracting(task -> task.getString("id")).containsOnly(id);
    assertThat(seen).allSatisfy(task -> assertThat(onlyAsIn(wanted, task)).isEqualTo(wanted));

    JsonObject plain = post("tasks?waitMillis=20000", alice, QUERY).json();
    assertThat(plain.getValue("notBefore")).isNull();
    assertThat(plain.getValue("timeoutMillis")).isNull();
    assertThat(plain.getValue("idempotencyKey")).isNull();
    assertThat(plain.getInteger("maxAttempts")).isPositive();
    assertThat(get("tasks/" + id, bob).status()).isEqualTo(403);
  }

  private static JsonObject onlyAsIn(JsonObject wanted, JsonObject task) {
    JsonObject shown = new JsonObject();
    wanted.fieldNames().forEach(name -> shown.put(name, task.getValue(name)));
    return shown;
  }
}
