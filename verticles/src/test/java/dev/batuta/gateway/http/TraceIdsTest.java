package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The header traceparent of requests, at a node without a collector. */
class TraceIdsTest extends GatewayCalls {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OTHER = "4bf92f3577b34da6a3ce929d0e0e4736";

  private static String traceparent(String trace) {
    return "00-" + trace + "-b7ad6b7169203331-01";
  }

  private Reply traced(String method, String path, @Nullable String body, String traceparent) {
    return call(method, path, alice, body, "traceparent", traceparent);
  }

  @Test
  void aProblemNamesTheTraceOfItsRequest() {
    Reply missing = traced("GET", "tasks/nope", null, traceparent(TRACE));
    assertThat(missing.status()).isEqualTo(404);
    assertThat(missing.text("traceId")).isEqualTo(TRACE);
  }

  @Test
  void aProblemOfARequestWithoutATraceNamesOneOfItsOwn() {
    String first = get("tasks/nope", alice).text("traceId");
    String invalid = traced("GET", "tasks/nope", null, "00-xyz").text("traceId");
    assertThat(first).matches("[0-9a-f]{32}");
    assertThat(invalid).matches("[0-9a-f]{32}").isNotEqualTo(first);
  }

  @Test
  void aTaskNamesTheTraceOfItsSubmission() {
    Reply accepted = traced("POST", "tasks", QUERY, traceparent(TRACE));
    String id = accepted.text("id");

    Reply read = get("tasks/" + id + "?waitMillis=20000", alice);

    assertThat(read.text("state")).isEqualTo("DONE");
    assertThat(read.text("traceId")).isEqualTo(TRACE);
    assertThat(get("tasks/" + post("tasks", alice, QUERY).text("id"), alice).text("traceId"))
        .isNull();
  }

  @Test
  void aRepetitionInAnotherTraceIsTheSameSubmission() {
    String key = "traced-once";
    String path = "tasks?waitMillis=20000";
    Reply first =
        call("POST", path, alice, QUERY, "traceparent", traceparent(TRACE), "Idempotency-Key", key);
    Reply again =
        call("POST", path, alice, QUERY, "traceparent", traceparent(OTHER), "Idempotency-Key", key);

    assertThat(again.text("id")).isEqualTo(first.text("id"));
    assertThat(again.text("traceId")).isEqualTo(TRACE);
  }

  @Test
  void theTasksOfABatchShareOne() {
    JsonObject task = new JsonObject(QUERY);
    JsonObject batch = new JsonObject().put("tasks", new JsonArray(Collections.nCopies(300, task)));

    JsonArray ids =
        traced("POST", "tasks/batch", batch.encode(), traceparent(OTHER))
            .json()
            .getJsonArray("ids");

    for (int each : new int[] {0, 150, 299}) {
      assertThat(get("tasks/" + ids.getString(each), alice).text("traceId")).isEqualTo(OTHER);
    }
  }
}
