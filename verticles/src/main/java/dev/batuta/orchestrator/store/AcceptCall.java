package dev.batuta.orchestrator.store;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.database.JsonText;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A submission as {@code accept_traced_tasks} takes it. When all its tasks have the same kind,
 * priority, instant, timeout and attempts, as those of a bulk have, these go once and only payloads
 * for each. So does the place in a trace that all have, and with each row only where submissions of
 * several places share the call.
 */
final class AcceptCall {
  private static final int USUAL_LENGTH = 80;

  private final List<NewTask> tasks;
  private final @Nullable NewTask like;
  private final @Nullable String traceparent;
  private final String rows;

  private AcceptCall(
      List<NewTask> tasks,
      @Nullable NewTask like,
      @Nullable String traceparent,
      List<@Nullable String> traceparents) {
    this.tasks = tasks;
    this.like = like;
    this.traceparent = traceparent;
    StringBuilder json = new StringBuilder(tasks.size() * USUAL_LENGTH).append('[');
    for (int i = 0; i < tasks.size(); i++) {
      NewTask task = tasks.get(i);
      if (json.length() > 1) {
        json.append(',');
      }
      if (like != null) {
        StoredPayload.write(task.payload(), json);
      } else {
        writeRow(task, traceparents.isEmpty() ? null : traceparents.get(i), json);
      }
    }
    this.rows = json.append(']').toString();
  }

  /**
   * @param traceparents of each task, or none
   */
  static AcceptCall of(List<NewTask> tasks, List<@Nullable String> traceparents) {
    String place = traceparents.isEmpty() ? null : traceparents.getFirst();
    boolean onePlace = true;
    for (String each : traceparents) {
      onePlace = onePlace && Objects.equals(each, place);
    }
    NewTask first = tasks.getFirst();
    boolean uniform = onePlace && isOurJson(first.payload());
    for (NewTask task : tasks) {
      uniform =
          uniform
              && task.payload().kind().equals(first.payload().kind())
              && task.priority() == first.priority()
              && task.notBeforeMillis() == first.notBeforeMillis()
              && task.timeoutMillis() == first.timeoutMillis()
              && task.maxAttempts() == first.maxAttempts();
    }
    return new AcceptCall(
        tasks,
        uniform ? first : null,
        onePlace ? place : null,
        onePlace ? List.of() : traceparents);
  }

  /**
   * Whether the payload is stored as a JSON object that is written here; others' may be no JSON.
   */
  private static boolean isOurJson(Payload payload) {
    return switch (payload) {
      case Query _, Update _, Transfer _, Compute _ -> true;
      case External _, Custom _ -> false;
    };
  }

  private static void writeRow(NewTask task, @Nullable String traceparent, StringBuilder json) {
    JsonText.quote(task.payload().kind(), json.append('['));
    JsonText.quote(StoredPayload.of(task.payload()).json(), json.append(','));
    json.append(',').append(task.priority());
    json.append(',').append(task.notBeforeMillis());
    json.append(',').append(task.timeoutMillis());
    json.append(',').append(task.maxAttempts());
    if (traceparent != null) {
      JsonText.quote(traceparent, json.append(','));
    }
    json.append(']');
  }

  /**
   * SHA-256 of all that was submitted: the same for the same tasks in the same order. Not for what
   * several submissions share, which have no key: there the rows may hold places in traces.
   */
  String digest() {
    String head =
        like == null
            ? ""
            : String.join(
                " ",
                like.payload().kind(),
                Integer.toString(like.priority()),
                Long.toString(like.notBeforeMillis()),
                Long.toString(like.timeoutMillis()),
                Integer.toString(like.maxAttempts()));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(head.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(rows.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException why) {
      throw new IllegalStateException(why);
    }
  }

  /** Adds the parameters from {@code p_kind} on. */
  void addTo(Tuple parameters) {
    if (like == null) {
      parameters.addString(null).addInteger(null).addLong(null).addLong(null).addInteger(null);
    } else {
      parameters
          .addString(like.payload().kind())
          .addInteger(like.priority())
          .addLong(like.notBeforeMillis())
          .addLong(like.timeoutMillis())
          .addInteger(like.maxAttempts());
    }
    parameters.addString(like == null ? runs() : null).addString(rows).addString(traceparent);
  }

  private String runs() {
    StringBuilder json = new StringBuilder("[");
    int first = 0;
    for (int i = 1; i <= tasks.size(); i++) {
      String kind = tasks.get(first).payload().kind();
      if (i == tasks.size() || !tasks.get(i).payload().kind().equals(kind)) {
        json.append(first == 0 ? "[" : ",[").append(first).append(',').append(i - 1).append(',');
        JsonText.quote(kind, json);
        json.append(']');
        first = i;
      }
    }
    return json.append(']').toString();
  }
}
