package dev.batuta.gateway.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.Text;
import dev.batuta.gateway.services.KnownKinds;
import io.vertx.core.buffer.Buffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks as clients submit them. What the request alone shows to be wrong is refused here and makes
 * no task; each refusal names the field and the value.
 */
public final class SubmissionJson {
  static final int MAX_BATCH = 10_000;
  static final int MAX_KEY_CHARACTERS = 128;
  static final long MAX_TIMEOUT_MILLIS = 86_400_000;
  static final int MAX_ATTEMPTS = 100;
  private static final Set<String> TASK_FIELDS =
      Set.of(
          "kind",
          "payload",
          "priority",
          "notBefore",
          "idempotencyKey",
          "timeoutMillis",
          "maxAttempts");

  /** Tasks that belong together, and their key. */
  public record Submission(List<NewTask> tasks, @Nullable String key) {}

  private SubmissionJson() {}

  /** The body of a submission of one task. */
  public static Submission one(ObjectNode body, @Nullable String keyHeader, KnownKinds kinds) {
    return new Submission(List.of(task(body, "", kinds)), key(body, keyHeader));
  }

  /** The body of a submission of many, as it came. */
  public static Submission batch(Buffer body, @Nullable String keyHeader, KnownKinds kinds) {
    byte[] bytes = body.getBytes();
    ExactJson.checkUtf8(bytes);
    BulkReader.Bulk plain = BulkReader.read(bytes);
    return plain == null
        ? batch(ExactJson.object(body), keyHeader, kinds)
        : new Submission(plain.tasks(), key(plain.key(), keyHeader));
  }

  /** The body of a submission of many. */
  public static Submission batch(ObjectNode body, @Nullable String keyHeader, KnownKinds kinds) {
    onlyFields(body, Set.of("tasks", "idempotencyKey"), "");
    JsonNode given = body.path("tasks");
    if (!given.isArray() || given.isEmpty()) {
      throw invalid("tasks is missing; send an array of 1 to " + MAX_BATCH + " tasks.");
    }
    if (given.size() > MAX_BATCH) {
      throw invalid(
          "tasks has " + given.size() + " elements; send at most " + MAX_BATCH + " at once.");
    }
    List<NewTask> tasks = new ArrayList<>(given.size());
    for (int i = 0; i < given.size(); i++) {
      String at = "tasks[" + i + "].";
      if (!(given.get(i) instanceof ObjectNode task)) {
        throw invalid("tasks[" + i + "] is not an object; send {\"kind\": .., \"payload\": ..}.");
      }
      if (task.has("idempotencyKey")) {
        throw invalid(at + "idempotencyKey is not for one task of a batch; give one for them all.");
      }
      tasks.add(task(task, at, kinds));
    }
    return new Submission(List.copyOf(tasks), key(body, keyHeader));
  }

  private static NewTask task(ObjectNode task, String at, KnownKinds kinds) {
    onlyFields(task, TASK_FIELDS, at);
    return new NewTask(
        PayloadJson.read(task, at, kinds),
        (int) number(task, at, "priority", 0, 9),
        notBefore(task, at),
        number(task, at, "timeoutMillis", 1, MAX_TIMEOUT_MILLIS),
        (int) number(task, at, "maxAttempts", 1, MAX_ATTEMPTS));
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

  static long number(ObjectNode object, String at, String field, long least, long most) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return 0;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw invalid(
          at
              + field
              + " is "
              + Refused.shown(value.toString())
              + "; use a whole number from "
              + least
              + " to "
              + most
              + ".");
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
      Instant instant = OffsetDateTime.parse(text).toInstant();
      if (instant.isAfter(Instant.EPOCH)
          && instant.isBefore(Instant.parse("9999-01-01T00:00:00Z"))) {
        return instant.toEpochMilli();
      }
    } catch (DateTimeException notAnInstant) {
      // Refused below, with the same sentence as one outside the calendar of the database.
    }
    throw invalid(
        at
            + "notBefore \""
            + Refused.shown(text)
            + "\" is not an instant; write it as 2026-12-31T23:59:59Z.");
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
    String inBody = checkedKey("idempotencyKey", given);
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
    return checkedKey("Idempotency-Key", header);
  }

  /** A key: 1 to 128 visible characters. */
  static String checkedKey(String field, String key) {
    Text.checkVisible(field, key, MAX_KEY_CHARACTERS);
    return key;
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
