package dev.batuta.cli;

import static dev.batuta.cli.client.Output.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.cli.client.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Tasks as people read them. */
final class TaskText {
  private static final Set<String> LEDGER = Set.of("status", "balance", "error");
  private static final Set<String> FINAL = Set.of("DONE", "DEAD", "CANCELLED");

  private TaskText() {}

  /** Whether nothing follows. */
  static boolean isFinal(JsonNode task) {
    return FINAL.contains(task.path("state").asText());
  }

  /** Whether the task did what it was to do. */
  static boolean succeeded(JsonNode task) {
    return task.path("state").asText().equals("DONE")
        && !task.path("result").path("status").asText().equals("NOK");
  }

  /** One line, such as {@code DONE OK balance 120.50 (task 123)}. */
  static String line(JsonNode task) {
    var parts = new ArrayList<String>();
    parts.add(text(task, "state"));
    parts.addAll(outcome(task));
    parts.add("(task " + text(task, "id") + ")");
    return String.join("  ", parts);
  }

  /** Results of users' own kinds may have a status too, and more. */
  private static boolean isOfTheLedger(JsonNode result) {
    return result.hasNonNull("status")
        && result.properties().stream().allMatch(member -> LEDGER.contains(member.getKey()));
  }

  private static List<String> outcome(JsonNode task) {
    var parts = new ArrayList<String>();
    var result = task.path("result");
    if (isOfTheLedger(result)) {
      parts.add(result.get("status").asText());
      if (result.hasNonNull("balance")) {
        parts.add("balance " + result.get("balance").asText());
      }
      if (result.hasNonNull("error")) {
        parts.add(result.get("error").asText());
      }
    } else if (!result.isMissingNode() && !result.isNull()) {
      parts.add(result.isTextual() ? result.asText() : Output.compact(result));
    }
    if (task.hasNonNull("error")) {
      parts.add(task.get("error").asText());
    }
    return parts;
  }

  /** Everything about one task. */
  static List<String> details(JsonNode task) {
    var lines = new ArrayList<String>();
    lines.add(line(task));
    lines.add("%s %s".formatted(text(task, "kind"), Output.compact(task.path("payload"))));
    lines.add(
        "attempt %s of %s, priority %s, owner %s, worker %s"
            .formatted(
                text(task, "attempt"),
                text(task, "maxAttempts"),
                text(task, "priority"),
                text(task, "owner"),
                text(task, "worker")));
    lines.add(
        "not before %s, timeout %s, key %s"
            .formatted(
                text(task, "notBefore"),
                task.hasNonNull("timeoutMillis") ? text(task, "timeoutMillis") + " ms" : "-",
                text(task, "idempotencyKey")));
    lines.add(
        "created %s, started %s, finished %s"
            .formatted(text(task, "createdAt"), text(task, "startedAt"), text(task, "finishedAt")));
    if (task.hasNonNull("traceId")) {
      lines.add("trace " + text(task, "traceId"));
    }
    return lines;
  }

  /** A page of tasks. */
  static List<String> table(JsonNode page) {
    var rows = new ArrayList<List<String>>();
    for (var task : page.path("items")) {
      rows.add(
          List.of(
              text(task, "id"),
              text(task, "kind"),
              text(task, "state"),
              text(task, "attempt"),
              text(task, "owner"),
              text(task, "worker"),
              String.join(" ", outcome(task))));
    }
    return Output.table(
        List.of("ID", "KIND", "STATE", "ATTEMPT", "OWNER", "WORKER", "RESULT"), rows);
  }
}
