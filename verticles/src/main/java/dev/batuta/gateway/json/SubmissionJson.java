package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.gateway.services.Submission;
import dev.batuta.orchestrator.Bounds;
import dev.batuta.orchestrator.TaskRules;
import io.vertx.core.buffer.Buffer;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks as clients submit them. What the request alone shows to be wrong is refused here, as {@link
 * TaskRules} judges, and makes no task; each refusal names the field and the value.
 */
public final class SubmissionJson {
  private static final Set<String> TASK_FIELDS =
      Set.of(
          "kind",
          "payload",
          "priority",
          "notBefore",
          "idempotencyKey",
          "timeoutMillis",
          "maxAttempts");

  private SubmissionJson() {}

  /** The body of a submission of one task. */
  public static Submission one(ObjectNode body, @Nullable String keyHeader) {
    return new Submission(List.of(task(body, "")), key(body, keyHeader));
  }

  /** The body of a submission of many, as it came. */
  public static Submission batch(Buffer body, @Nullable String keyHeader) {
    byte[] bytes = body.getBytes();
    ExactJson.checkUtf8(bytes);
    BulkReader.Bulk plain = BulkReader.read(bytes);
    return plain == null
        ? batch(ExactJson.object(body), keyHeader)
        : new Submission(plain.tasks(), key(plain.key(), keyHeader));
  }

  /** The body of a submission of many. */
  public static Submission batch(ObjectNode body, @Nullable String keyHeader) {
    onlyFields(body, Set.of("tasks", "idempotencyKey"), "");
    JsonNode given = body.path("tasks");
    TaskRules.checkCount(given.isArray() ? given.size() : 0);
    List<NewTask> tasks = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      String at = "tasks[" + i + "].";
      if (!(given.get(i) instanceof ObjectNode task)) {
        throw invalid("tasks[" + i + "] is not an object; send {\"kind\": .., \"payload\": ..}.");
      }
      if (task.has("idempotencyKey")) {
        throw invalid(at + "idempotencyKey is not for one task of a batch; give one for them all.");
      }
      tasks.add(task(task, at));
    }
    return new Submission(List.copyOf(tasks), key(body, keyHeader));
  }

  private static NewTask task(ObjectNode task, String at) {
    onlyFields(task, TASK_FIELDS, at);
    return new NewTask(
        PayloadJson.read(task, at),
        (int) number(task, at, TaskRules.PRIORITY),
        notBefore(task, at),
        number(task, at, TaskRules.TIMEOUT_MILLIS),
        (int) number(task, at, TaskRules.ATTEMPTS));
  }

  static String text(ObjectNode object, String at, String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode() || value.isNull()) {
      throw invalid(at + field + " is missing.");
    }
    if (!value.isTextual()) {
      throw invalid(
          at + field + " is " + Refused.shown(value.toString()) + "; send a text in quotes.");
    }
    return value.textValue();
  }

  /** A whole number within its bounds; 0 if it is missing. */
  static long number(ObjectNode object, String at, Bounds bounds) {
    JsonNode value = object.path(bounds.field());
    if (value.isMissingNode()) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || !bounds.hold(value.longValue())) {
      throw bounds.refusal(at, value.toString());
    }
    return value.longValue();
  }

  private static long notBefore(ObjectNode task, String at) {
    if (task.path("notBefore").isMissingNode()) {
      return 0;
    }
    return notBefore(at, text(task, at, "notBefore"));
  }

  static long notBefore(String at, String text) {
    try {
      long millis = OffsetDateTime.parse(text).toInstant().toEpochMilli();
      if (TaskRules.isInstant(millis)) {
        return millis;
      }
    } catch (DateTimeException | ArithmeticException notAnInstant) {
      // Refused below, with the same sentence as one outside the calendar of the database.
    }
    throw TaskRules.notAnInstant(at, text);
  }

  private static @Nullable String key(ObjectNode body, @Nullable String header) {
    return key(
        body.path("idempotencyKey").isMissingNode() ? null : text(body, "", "idempotencyKey"),
        header);
  }

  private static @Nullable String key(@Nullable String given, @Nullable String header) {
    if (given == null) {
      return header == null ? null : keyOfHeader(header);
    }
    String inBody = IdempotencyKey.checked("idempotencyKey", given);
    if (header != null && !header.equals(inBody)) {
      throw invalid(
          "The header Idempotency-Key is \""
              + Refused.shown(header)
              + "\" and idempotencyKey is \""
              + Refused.shown(inBody)
              + "\"; give one of them, or the same twice.");
    }
    return inBody;
  }

  /**
   * A key in the header. Clients and servers disagree about what is beyond ASCII there; some send a
   * question mark for it, and so one key for many.
   */
  public static String keyOfHeader(String header) {
    if (header.chars().anyMatch(c -> c > '~')) {
      throw invalid(
          "The header Idempotency-Key has characters beyond ASCII; use letters, digits and signs of"
              + " ASCII, or where the body takes it idempotencyKey.");
    }
    return IdempotencyKey.checked("Idempotency-Key", header);
  }

  static void onlyFields(ObjectNode object, Set<String> known, String at) {
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        throw invalid(
            at
                + Refused.shown(name)
                + " is unknown; use "
                + String.join(", ", known.stream().sorted().toList())
                + ".");
      }
    }
  }

  static Refused invalid(String sentence) {
    return Refused.invalid("invalid-request", sentence);
  }
}
