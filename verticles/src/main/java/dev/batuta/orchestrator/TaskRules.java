package dev.batuta.orchestrator;

import dev.batuta.codec.Amount;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.Text;
import dev.batuta.database.KeepableJson;
import dev.batuta.orchestrator.dispatch.ReadyQueue;
import dev.batuta.orchestrator.dispatch.Weight;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.task.Kinds;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a submission alone shows: it is refused before it makes a task. */
final class TaskRules {
  static final int MAX_ATTEMPTS = 100;
  static final int MAX_NAME = 64;
  private static final int MAX_KEY = 200;
  private static final int SHOWN = 40;

  /** Of a submission, so that it stays below what the database takes in one call. */
  private static final int MAX_JSON_CHARACTERS = 4 << 20;

  private static final int MAX_WEIGHT = TaskStore.MAX_BATCH + MAX_JSON_CHARACTERS / Weight.UNIT;

  private TaskRules() {}

  /** The tasks with defaults filled in; fails with {@link Refused} if one can never run. */
  static List<NewTask> checked(Submit submit, int defaultAttempts) {
    int count = submit.tasks().size();
    if (count == 0 || count > TaskStore.MAX_BATCH) {
      throw invalid(
          "bad-batch", "A submission has 1 to " + TaskStore.MAX_BATCH + " tasks, not " + count);
    }
    String key = submit.key();
    if (key != null && (key.isEmpty() || characters(key) > MAX_KEY)) {
      throw invalid(
          "bad-key",
          "An idempotency key has 1 to " + MAX_KEY + " characters, not " + characters(key));
    }
    if (key != null) {
      checkText("An idempotency key", key);
    }
    // Equal ones, of which a bulk may consist, are one in memory.
    List<NewTask> tasks = new ArrayList<>(count);
    NewTask before = null;
    for (NewTask task : submit.tasks()) {
      tasks.add(task.equals(before) ? tasks.getLast() : checked(task, defaultAttempts));
      before = task;
    }
    if (Weight.of(tasks) > MAX_WEIGHT) {
      throw invalid(
          "bad-batch",
          "The payloads of a submission have at most "
              + MAX_JSON_CHARACTERS
              + " characters together: submit fewer at once");
    }
    return tasks;
  }

  private static NewTask checked(NewTask task, int defaultAttempts) {
    if (task.priority() < 0 || task.priority() >= ReadyQueue.PRIORITIES) {
      throw invalid("bad-priority", "A priority is 0 to 9, not " + task.priority());
    }
    if (task.maxAttempts() < 0 || task.maxAttempts() > MAX_ATTEMPTS) {
      throw invalid(
          "bad-attempts",
          "maxAttempts is 1 to "
              + MAX_ATTEMPTS
              + ", or 0 for the default, not "
              + task.maxAttempts());
    }
    if (task.timeoutMillis() < 0 || task.notBeforeMillis() < 0) {
      throw invalid("bad-time", "timeoutMillis and notBefore are not below 0");
    }
    check(task.payload());
    return task.maxAttempts() > 0
        ? task
        : new NewTask(
            task.payload(),
            task.priority(),
            task.notBeforeMillis(),
            task.timeoutMillis(),
            defaultAttempts);
  }

  private static void check(Payload payload) {
    switch (payload) {
      case Query(String user) -> checkUser(user);
      case Update(String user, Operation operation, String amount) -> {
        checkUser(user);
        checkAmount(operation, amount);
      }
      case Transfer(String from, String to, String amount) -> {
        checkUser(from);
        checkUser(to);
        checkAmount(Operation.WITHDRAW, amount);
        if (from.equals(to)) {
          throw invalid(
              "same-user", "A transfer goes to another user than '" + shown(from) + "', who pays");
        }
      }
      case Compute(long durationMillis, boolean _) -> checkDuration(durationMillis);
      case External(String json) -> json(json);
      case Custom(String kind, String json) -> checkCustom(kind, json);
    }
  }

  private static void checkDuration(long durationMillis) {
    if (durationMillis < 0 || durationMillis > Compute.MAX_DURATION_MILLIS) {
      throw invalid(
          "bad-duration",
          "durationMillis is 0 to " + Compute.MAX_DURATION_MILLIS + ", not " + durationMillis);
    }
  }

  private static void checkCustom(String kind, String json) {
    if (!Kinds.isName(kind) || Kinds.BUILT_IN.contains(kind)) {
      throw invalid(
          "bad-kind",
          "A kind of a user's own has 1 to 32 of A-Z, 0-9 and _ as its name, the first a letter,"
              + " and not one of Batuta's; not '"
              + shown(kind)
              + "'");
    }
    if (!(json(json) instanceof JsonObject)) {
      throw invalid("bad-payload", "The payload of a " + kind + " is a JSON object");
    }
  }

  private static @Nullable Object json(String json) {
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > TaskMessage.MAX_JSON_BYTES) {
      throw invalid(
          "bad-payload",
          "A payload of JSON has at most " + TaskMessage.MAX_JSON_BYTES + " bytes, not " + bytes);
    }
    String complaint = KeepableJson.complaint(json);
    if (complaint != null) {
      throw invalid("invalid-text", "In a payload: " + complaint);
    }
    try {
      return Json.decodeValue(json);
    } catch (DecodeException malformed) {
      throw invalid("bad-payload", "The payload is not JSON: " + shown(json));
    }
  }

  private static void checkUser(String user) {
    if (user.isBlank() || characters(user) > MAX_NAME) {
      throw invalid(
          "bad-user", "A user has 1 to " + MAX_NAME + " characters, not '" + shown(user) + "'");
    }
    if (Text.hasBlanksAround(user)) {
      throw invalid(
          "bad-user", "The user '" + shown(user) + "' has blanks around it: leave them out");
    }
    checkText("The user '" + shown(user) + "'", user);
  }

  private static void checkText(String what, String text) {
    String complaint = Text.complaint(text);
    if (complaint != null) {
      throw invalid("invalid-text", what + " " + complaint);
    }
  }

  private static void checkAmount(Operation operation, String amount) {
    if (!Amount.isAmount(amount)) {
      throw invalid(
          "bad-amount",
          "'"
              + shown(amount)
              + "' is no amount: write digits, and at most 2 decimals after a point,"
              + " such as 120.50; at most 99999999999999999.99, and not below 0");
    }
    if (!Amount.isFor(operation, amount)) {
      throw invalid(
          "bad-amount",
          "The amount of a "
              + operation.name().toLowerCase(Locale.ROOT)
              + " is above 0, not "
              + amount);
    }
  }

  /** As the database and the gateway count them: one that Java needs two for is one. */
  private static int characters(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String shown(String text) {
    return Text.beginning(text, SHOWN);
  }

  private static Refused invalid(String code, String message) {
    return new Refused(Failure.Kind.INVALID, code, message + ".");
  }
}
