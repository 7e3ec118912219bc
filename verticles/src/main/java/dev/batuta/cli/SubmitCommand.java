package dev.batuta.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.DurationText;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.codec.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/**
 * Submits one task, or many of one kind. What a task may say is the server's to judge, amounts
 * above all.
 */
@Command(
    name = "submit",
    description = "Submits a task; with --wait prints its result and exits 1 when that is NOK.")
final class SubmitCommand extends ClientCommand {
  private static final Duration HELD = Duration.ofSeconds(10);

  @Parameters(
      index = "0",
      paramLabel = "KIND",
      description = "QUERY, UPDATE, TRANSFER, COMPUTE, EXTERNAL, or one that was added")
  String kind = "";

  @Option(names = "--user", paramLabel = "U", description = "Account; of a TRANSFER the payer")
  @Nullable String user;

  @Option(
      names = "--operation",
      paramLabel = "set|deposit|withdraw",
      description = "Of an UPDATE; set when it is missing")
  @Nullable String operation;

  @Option(names = "--amount", paramLabel = "A", description = "Such as 120.50")
  @Nullable String amount;

  @Option(names = "--to", paramLabel = "U", description = "Payee of a TRANSFER")
  @Nullable String to;

  @Option(names = "--payload", paramLabel = "JSON", description = "Payload; of EXTERNAL any JSON")
  @Nullable String payload;

  @Option(
      names = "--key",
      paramLabel = "K",
      description =
          "Idempotency key: a repeat gives the first task; made when it is missing. With --count"
              + " each 10,000 tasks have one of their own, made of it")
  @Nullable String key;

  @Option(names = "--priority", paramLabel = "N", description = "0 to 9")
  @Nullable Integer priority;

  @Option(
      names = "--not-before",
      paramLabel = "T",
      description = "An instant such as 2026-01-31T12:00:00Z, or from now, such as 10s")
  @Nullable String notBefore;

  @Option(names = "--timeout", paramLabel = "D", description = "Of one attempt, such as 500ms")
  @Nullable Duration timeout;

  @Option(names = "--attempts", paramLabel = "N", description = "At most so many attempts")
  @Nullable Integer attempts;

  @Option(names = "--count", paramLabel = "N", description = "So many of the same")
  @Nullable Integer count;

  @Option(names = "--wait", description = "Wait for the result")
  boolean wait;

  @Option(
      names = "--wait-at-most",
      paramLabel = "D",
      defaultValue = "5m",
      description = "Exit 2 when it has not ended by then (default: ${DEFAULT-VALUE})")
  Duration waitAtMost = Duration.ofMinutes(5);

  @Override
  int run(Api api, Output output) {
    var once = key == null ? UUID.randomUUID().toString() : key;
    if (count != null) {
      checkMany(count, once);
      return new BulkSubmission(api, output, task(), count, once)
          .run(wait ? Optional.of(waitAtMost) : Optional.empty());
    }
    long end = System.nanoTime() + waitAtMost.toNanos();
    var path = wait ? "/tasks?waitMillis=" + HELD.toMillis() : "/tasks";
    var asked = task().put(Api.KEY, once);
    var submitted = api.post(path, asked, once, wait ? HELD : Duration.ZERO).body();
    var task = wait ? ended(api, submitted, end) : submitted;
    output.print(task, List.of(TaskText.line(task)));
    return !wait || TaskText.succeeded(task) ? 0 : Problem.REFUSED;
  }

  /** What no server sees: it is given a part of the count, and a key for that part. */
  private void checkMany(int count, String once) {
    if (count < 1) {
      throw new ParameterException(
          spec.commandLine(), "--count " + count + " is too few: submit at least 1 task");
    }
    try {
      IdempotencyKey.checked("--key", once);
    } catch (Refused refused) {
      throw new ParameterException(spec.commandLine(), refused.getMessage(), refused);
    }
  }

  private JsonNode ended(Api api, JsonNode submitted, long end) {
    var id = submitted.path("id").asText();
    var task = submitted;
    while (!TaskText.isFinal(task)) {
      if (System.nanoTime() > end) {
        throw Problem.unsure(
            "not-ended",
            "task %s is %s after %d s: see ./batuta task %s"
                .formatted(id, Output.text(task, "state"), waitAtMost.toSeconds(), id));
      }
      task = api.get("/tasks/" + Api.encoded(id) + "?waitMillis=" + HELD.toMillis(), HELD);
    }
    return task;
  }

  /** The task as the REST interface takes it; a field that was not given is left out. */
  ObjectNode task() {
    var upper = kind.toUpperCase(Locale.ROOT);
    var task = Output.JSON.createObjectNode().put("kind", upper);
    task.set("payload", payloadOf(upper));
    if (priority != null) {
      task.put("priority", priority);
    }
    if (notBefore != null) {
      task.put("notBefore", instant(notBefore));
    }
    if (timeout != null) {
      task.put("timeoutMillis", timeout.toMillis());
    }
    if (attempts != null) {
      task.put("maxAttempts", attempts);
    }
    return task;
  }

  /** Any JSON for EXTERNAL; else an object, with the options that stand for its fields. */
  private JsonNode payloadOf(String upper) {
    var parsed = payload == null ? Output.JSON.createObjectNode() : parsedPayload(payload);
    if (!(parsed instanceof ObjectNode given)) {
      if (upper.equals("EXTERNAL")) {
        return parsed;
      }
      throw notJson(payload, "JSON object");
    }
    if (user != null) {
      given.put(upper.equals("TRANSFER") ? "from" : "user", user);
    }
    if (to != null) {
      given.put("to", to);
    }
    if (operation != null) {
      given.put("operation", operation);
    }
    if (amount != null) {
      given.put("amount", amount);
    }
    return given;
  }

  private JsonNode parsedPayload(String text) {
    try {
      var parsed = Output.typed(text);
      if (!parsed.isMissingNode()) {
        return parsed;
      }
      throw notJson(text, "JSON");
    } catch (JsonProcessingException e) {
      throw notJson(text, "JSON (" + e.getOriginalMessage() + ")");
    }
  }

  private ParameterException notJson(@Nullable String text, String wanted) {
    return new ParameterException(
        spec.commandLine(),
        "--payload '%s' is no %s: write for example '{\"durationMillis\": 100}'"
            .formatted(text, wanted));
  }

  private static String instant(String text) {
    try {
      return Instant.now().plus(new DurationText().convert(text)).toString();
    } catch (TypeConversionException e) {
      return text;
    }
  }
}
