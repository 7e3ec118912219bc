package dev.batuta.gateway.json;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TaskPage;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.tracing.TraceContext;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Tasks as clients read them. */
public final class TaskJson {
  private TaskJson() {}

  /** What is known of a task at the moment that it is accepted. */
  public static JsonObject accepted(long id, NewTask task, @Nullable String key, String owner) {
    return new JsonObject()
        .put("id", Long.toString(id))
        .put("kind", task.payload().kind())
        .put("payload", payload(task.payload()))
        .put("state", State.PENDING.name())
        .put("priority", task.priority())
        .put("notBefore", instant(task.notBeforeMillis()))
        .put("idempotencyKey", key)
        .put("timeoutMillis", orNull(task.timeoutMillis()))
        .put("maxAttempts", orNull(task.maxAttempts()))
        .put("owner", owner);
  }

  /** How many were accepted, and under which ids; written straight, as there may be thousands. */
  public static Buffer accepted(List<Long> ids) {
    StringBuilder json = new StringBuilder(32 + ids.size() * 16);
    json.append("{\"accepted\":").append(ids.size()).append(",\"ids\":");
    char before = '[';
    for (long id : ids) {
      json.append(before).append('"').append(id).append('"');
      before = ',';
    }
    return Buffer.buffer(json.append("]}").toString());
  }

  public static JsonObject task(Task task) {
    return new JsonObject()
        .put("id", Long.toString(task.id()))
        .put("kind", task.payload().kind())
        .put("payload", payload(task.payload()))
        .put("state", task.state().name())
        .put("priority", task.priority())
        .put("notBefore", instant(task.notBeforeMillis()))
        .put("idempotencyKey", task.idempotencyKey())
        .put("timeoutMillis", orNull(task.timeoutMillis()))
        .put("attempt", task.attempt())
        .put("maxAttempts", task.maxAttempts())
        .put("owner", task.owner())
        .put("worker", task.worker())
        .put("result", result(task.result()))
        .put("error", task.error())
        .put("createdAt", instant(task.createdAtMillis()))
        .put("startedAt", instant(task.startedAtMillis()))
        .put("finishedAt", instant(task.finishedAtMillis()))
        .put("traceId", traceId(task.traceparent()));
  }

  public static JsonObject page(TaskPage page) {
    JsonArray items = new JsonArray();
    page.items().forEach(task -> items.add(task(task)));
    return new JsonObject()
        .put("items", items)
        .put("next", page.next() == 0 ? null : Long.toString(page.next()));
  }

  /** An object; of EXTERNAL any value of JSON. */
  static @Nullable Object payload(Payload payload) {
    return switch (payload) {
      case Query query -> new JsonObject().put("user", query.user());
      case Update update ->
          new JsonObject()
              .put("user", update.user())
              .put("operation", update.operation().name().toLowerCase(Locale.ROOT))
              .put("amount", update.amount());
      case Transfer transfer ->
          new JsonObject()
              .put("from", transfer.from())
              .put("to", transfer.to())
              .put("amount", transfer.amount());
      case Compute compute ->
          new JsonObject()
              .put("durationMillis", compute.durationMillis())
              .put("crash", compute.crash());
      case External external -> StoredJson.of(external.json());
      case Custom custom -> StoredJson.of(custom.json());
    };
  }

  /** Of the ledger {@code {status, balance, error}}, of other tasks the value that they made. */
  public static @Nullable Object result(@Nullable Result result) {
    if (result == null) {
      return null;
    }
    String json = result.json();
    return json != null
        ? StoredJson.of(json)
        : new JsonObject()
            .put("status", result.status().name())
            .put("balance", result.balance())
            .put("error", result.error());
  }

  private static @Nullable String traceId(@Nullable String traceparent) {
    TraceContext place = TraceContext.parse(traceparent);
    return place == null ? null : place.traceId();
  }

  /** A number, null for 0, which stands for "none given". */
  private static @Nullable Long orNull(long number) {
    return number == 0 ? null : number;
  }

  /** ISO 8601 in UTC; null for 0, which stands for "not yet". */
  public static @Nullable String instant(long millis) {
    return millis == 0 ? null : Instant.ofEpochMilli(millis).toString();
  }
}
