package dev.batuta.orchestrator;

import dev.batuta.codec.Amount;
import dev.batuta.codec.IdempotencyKey;
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
import dev.batuta.identity.UserName;
import dev.batuta.ledger.AmountRules;
import dev.batuta.orchestrator.dispatch.ReadyQueue;
import dev.batuta.orchestrator.dispatch.Weight;
import dev.batuta.task.Kinds;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a submission alone shows to be wrong: it is refused before it makes a task. The one judge
 * for every door, with one code and one sentence for each rule; {@code openapi.yaml} says the same
 * figures. A door's form asks it for each field as it reads it, to answer at once; the server asks
 * it for the whole, whoever sent it. Amounts are judged by {@link AmountRules}, names of users by
 * {@link UserName}, keys by {@link IdempotencyKey}.
 */
public final class TaskRules {
  /** Tasks of one submission. */
  public static final int MAX_BATCH = 10_000;

  /** Most attempts that a task may ask for. */
  public static final int MAX_ATTEMPTS = 100;

  /** 9 is first. */
  public static final Bounds PRIORITY = new Bounds("priority", 0, ReadyQueue.PRIORITIES - 1);

  /** Of one attempt. */
  public static final Bounds TIMEOUT_MILLIS = new Bounds("timeoutMillis", 1, 86_400_000);

  public static final Bounds ATTEMPTS = new Bounds("maxAttempts", 1, MAX_ATTEMPTS);

  /** Of a COMPUTE. */
  public static final Bounds DURATION_MILLIS =
      new Bounds("durationMillis", 0, Compute.MAX_DURATION_MILLIS);

  /** The calendar of the database. */
  private static final Bounds INSTANT_MILLIS =
      new Bounds("notBefore", 1, Instant.parse("9999-01-01T00:00:00Z").toEpochMilli() - 1);

  private static final int SHOWN = 40;

  /** Of a submission, so that it stays below what the database takes in one call. */
  private static final int MAX_JSON_CHARACTERS = 4 << 20;

  private static final int MAX_WEIGHT = MAX_BATCH + MAX_JSON_CHARACTERS / Weight.UNIT;

  private TaskRules() {}

  /** The tasks with defaults filled in; fails with {@link Refused} if one can never run. */
  static List<NewTask> checked(Submit submit, int defaultAttempts) {
    int count = submit.tasks().size();
    checkCount(count);
    if (submit.key() != null) {
      IdempotencyKey.checked("idempotencyKey", submit.key());
    }
    // Equal ones, of which a bulk may consist, are one in memory.
    List<NewTask> tasks = new ArrayList<>(count);
    NewTask before = null;
    for (NewTask task : submit.tasks()) {
      if (task.equals(before)) {
        tasks.add(tasks.getLast());
      } else {
        check(task, tasks.size(), count);
        tasks.add(withDefaults(task, defaultAttempts));
      }
      before = task;
    }
    if (Weight.of(tasks) > MAX_WEIGHT) {
      throw invalid(
          "tasks has payloads of more than "
              + MAX_JSON_CHARACTERS
              + " characters together; submit fewer at once.");
    }
    return tasks;
  }

  /** Refuses a number of tasks that no submission has. */
  public static void checkCount(int count) {
    if (count == 0) {
      throw invalid("tasks is missing; send an array of 1 to " + MAX_BATCH + " tasks.");
    }
    if (count > MAX_BATCH) {
      throw invalid("tasks has " + count + " elements; send at most " + MAX_BATCH + " at once.");
    }
  }

  /** Whether a task may wait for an instant. */
  public static boolean isInstant(long millis) {
    return INSTANT_MILLIS.hold(millis);
  }

  /**
   * The refusal of a {@code notBefore} that is no instant, or none of the database's calendar.
   *
   * @param at where the task is, such as {@code tasks[3].}; empty at the top
   */
  public static Refused notAnInstant(String at, String given) {
    return invalid(
        at
            + "notBefore \""
            + Refused.shown(given)
            + "\" is not an instant; write it as 2026-12-31T23:59:59Z.");
  }

  /**
   * Refuses a payload that can never run, of what a form has read as JSON already.
   *
   * @param at where the task is, such as {@code tasks[3].}; empty at the top
   */
  public static void check(String at, Payload payload) {
    switch (payload) {
      case Query(String user) -> checkUser(at, "payload.user", user);
      case Update(String user, Operation operation, String amount) -> {
        checkUser(at, "payload.user", user);
        checkAmount(at, operation, amount);
      }
      case Transfer(String from, String to, String amount) -> {
        checkUser(at, "payload.from", from);
        checkUser(at, "payload.to", to);
        if (from.equals(to)) {
          throw invalid(
              at
                  + "payload.to \""
                  + Refused.shown(to)
                  + "\" is the one who pays; use another user.");
        }
        checkAmount(at, Operation.WITHDRAW, amount);
      }
      case Compute(long durationMillis, boolean _, String given) -> {
        if (!DURATION_MILLIS.hold(durationMillis)) {
          throw DURATION_MILLIS.refusal(at + "payload.", Long.toString(durationMillis));
        }
        if (given != null) {
          checkSize(at, given);
        }
      }
      case External(String json) -> checkSize(at, json);
      case Custom(String _, String json) -> checkSize(at, json);
    }
  }

  /** Where one of several is, is put into words only when it is refused. */
  private static void check(NewTask task, int index, int count) {
    try {
      check("", task);
    } catch (Refused refused) {
      if (count > 1) {
        check("tasks[" + index + "].", task);
      }
      throw refused;
    }
  }

  private static void check(String at, NewTask task) {
    PRIORITY.check(at, task.priority());
    if (task.notBeforeMillis() != 0 && !isInstant(task.notBeforeMillis())) {
      throw notAnInstant(at, Long.toString(task.notBeforeMillis()));
    }
    if (task.timeoutMillis() != 0) {
      TIMEOUT_MILLIS.check(at, task.timeoutMillis());
    }
    if (task.maxAttempts() != 0) {
      ATTEMPTS.check(at, task.maxAttempts());
    }
    check(at, task.payload());
    switch (task.payload()) {
      case Query _, Update _, Transfer _ -> {}
      case Compute(long _, boolean _, String given) -> {
        if (given != null) {
          parsed(at, given);
        }
      }
      case External(String json) -> parsed(at, json);
      case Custom(String kind, String json) -> checkCustom(at, kind, json);
    }
  }

  private static NewTask withDefaults(NewTask task, int defaultAttempts) {
    return task.maxAttempts() > 0
        ? task
        : new NewTask(
            task.payload(),
            task.priority(),
            task.notBeforeMillis(),
            task.timeoutMillis(),
            defaultAttempts);
  }

  private static void checkUser(String at, String field, String user) {
    if (!UserName.isPlain(user)) {
      UserName.checked(at + field, user);
    }
  }

  private static void checkAmount(String at, Operation operation, String amount) {
    if (!Amount.isFor(operation, amount)) {
      throw AmountRules.refusal(at + "payload.amount", operation, amount);
    }
  }

  private static void checkSize(String at, String json) {
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > TaskMessage.MAX_JSON_BYTES) {
      throw invalid(
          at
              + "payload has "
              + bytes
              + " bytes as JSON; use at most "
              + TaskMessage.MAX_JSON_BYTES
              + ", and keep what is larger elsewhere.");
    }
  }

  private static void checkCustom(String at, String kind, String json) {
    if (!Kinds.isName(kind) || Kinds.BUILT_IN.contains(kind)) {
      throw invalid(
          at
              + "kind \""
              + Refused.shown(kind)
              + "\" is no kind of a user's own; use 1 to 32 of A-Z, 0-9 and _, the first a letter,"
              + " and none of Batuta's.");
    }
    if (!(parsed(at, json) instanceof JsonObject)) {
      throw invalid(at + "payload of a " + kind + " is no JSON object; send one.");
    }
  }

  private static @Nullable Object parsed(String at, String json) {
    String complaint = KeepableJson.complaint(json);
    if (complaint != null) {
      throw Refused.invalid("invalid-text", "In " + at + "payload: " + complaint + "; correct it.");
    }
    try {
      return Json.decodeValue(json);
    } catch (DecodeException malformed) {
      throw invalid(at + "payload is not JSON: " + Text.beginning(json, SHOWN) + "; mend it.");
    }
  }

  private static Refused invalid(String sentence) {
    return Refused.invalid("invalid-request", sentence);
  }
}
