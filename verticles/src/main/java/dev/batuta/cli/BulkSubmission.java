package dev.batuta.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Output;
import dev.batuta.cli.client.Problem;
import dev.batuta.codec.IdempotencyKey;
import dev.batuta.orchestrator.TaskRules;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Many equal tasks, submitted in batches that are each accepted once, and followed by pages to
 * their ends. Ids are written as they are accepted; of those that are to be followed only the runs
 * of consecutive ones are kept, at most one for each batch as servers give them.
 */
final class BulkSubmission {
  private static final int BATCH = TaskRules.MAX_BATCH;
  private static final int PAGE = 1_000;
  private static final Duration HELD = Duration.ofSeconds(5);
  private static final Duration BUSY_FOR = Duration.ofMinutes(1);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(500);

  private final Api api;
  private final Output output;
  private final ObjectNode task;
  private final int count;
  private final String key;

  private final List<Run> runs = new ArrayList<>();
  private final Map<String, Integer> states = new TreeMap<>();
  private int accepted;
  private int refused;
  private String firstError = "";

  /** Tasks whose ids follow each other. */
  private record Run(long first, long last) {}

  BulkSubmission(Api api, Output output, ObjectNode task, int count, String key) {
    this.api = api;
    this.output = output;
    this.task = task;
    this.count = count;
    this.key = key;
  }

  /**
   * Submits, waits for the ends if it is to wait, and prints, also after a failure what there is by
   * then.
   *
   * @return the exit code
   */
  int run(Optional<Duration> waitAtMost) {
    long began = System.nanoTime();
    boolean wait = waitAtMost.isPresent();
    try {
      for (int batch = 0; batch < Math.ceilDiv(count, BATCH); batch++) {
        accept(submit(Math.min(BATCH, count - batch * BATCH), batch), wait);
      }
      if (wait) {
        long end = System.nanoTime() + waitAtMost.get().toNanos();
        runs.forEach(run -> follow(run, end));
      }
    } finally {
      if (accepted > 0) {
        print(Math.max(1e-6, (System.nanoTime() - began) / 1e9));
      }
    }
    boolean all = !wait || (states.getOrDefault("DONE", 0) == accepted && refused == 0);
    if (!all) {
      output.remark(
          "%d of %d did not succeed; the first: %s"
              .formatted(
                  accepted - states.getOrDefault("DONE", 0) + refused, accepted, firstError));
    }
    return all ? 0 : Problem.REFUSED;
  }

  private JsonNode submit(int size, int batch) {
    var body = Output.JSON.createObjectNode().put(Api.KEY, key(batch));
    var tasks = body.putArray("tasks");
    for (int i = 0; i < size; i++) {
      tasks.add(task);
    }
    long end = System.nanoTime() + BUSY_FOR.toNanos();
    while (true) {
      try {
        return api.post("/tasks/batch", body, key(batch), BUSY_PAUSE).body().path("ids");
      } catch (Problem e) {
        if (e.exitCode() == Problem.UNSURE) {
          throw Problem.unsure(
              e.code(),
              "%d of %d were accepted, and perhaps %d more: repeat with --key %s, which submits what is missing once"
                  .formatted(accepted, count, size, key));
        }
        if (e.status() != 429 || System.nanoTime() > end) {
          throw e;
        }
        Api.pause(BUSY_PAUSE);
      }
    }
  }

  /** The same for the same batch, whenever: so a repeat submits what is missing. */
  private String key(int batch) {
    var plain = key + "/" + batch;
    return plain.codePointCount(0, plain.length()) <= IdempotencyKey.MAX_CHARACTERS
        ? plain
        : digest(plain);
  }

  private static String digest(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void accept(JsonNode ids, boolean keep) {
    if (output.json()) {
      var items = Output.compact(ids);
      output.part((accepted == 0 ? "{\"ids\":[" : ",") + items.substring(1, items.length() - 1));
    }
    accepted += ids.size();
    if (keep) {
      for (var each : ids) {
        long id = each.asLong();
        boolean next = !runs.isEmpty() && runs.getLast().last() == id - 1;
        runs.add(new Run(next ? runs.removeLast().first() : id, id));
      }
    }
  }

  /**
   * Tasks end about in the order of their ids: waits for the first open one, then reads pages from
   * there for as long as they hold only ended ones.
   */
  private void follow(Run run, long end) {
    var ended = new HashSet<Long>();
    for (long open = run.first(); open <= run.last(); open++) {
      if (!ended.remove(open)) {
        count(awaited(open, end));
        if (ended.isEmpty() && open < run.last()) {
          page(open, run.last(), ended);
        }
      }
    }
  }

  private JsonNode awaited(long id, long end) {
    while (true) {
      var task = api.get("/tasks/" + id + "?waitMillis=" + HELD.toMillis(), HELD);
      if (TaskText.isFinal(task)) {
        return task;
      }
      if (System.nanoTime() > end) {
        throw Problem.unsure(
            "not-ended",
            "task %d has not ended in time: see ./batuta tasks --state PENDING".formatted(id));
      }
    }
  }

  /** Counts the ended ones of the page after a task; each is counted once. */
  private void page(long after, long last, Set<Long> ended) {
    for (var task : api.get("/tasks?limit=" + PAGE + "&after=" + after).path("items")) {
      long id = task.path("id").asLong();
      if (id <= last && TaskText.isFinal(task) && ended.add(id)) {
        count(task);
      }
    }
  }

  private void count(JsonNode ended) {
    states.merge(ended.path("state").asText(), 1, Integer::sum);
    if (!TaskText.succeeded(ended)) {
      refused += ended.path("state").asText().equals("DONE") ? 1 : 0;
      firstError = firstError.isEmpty() ? TaskText.line(ended) : firstError;
    }
  }

  private void print(double seconds) {
    int open = accepted - states.values().stream().mapToInt(Integer::intValue).sum();
    if (open > 0) {
      states.put("PENDING", open);
    }
    var printed = Output.JSON.createObjectNode().put("accepted", accepted);
    var counts = printed.putObject("states");
    states.forEach(counts::put);
    double perSecond = accepted / seconds;
    printed.put("tasksPerSecond", Math.round(perSecond * 10) / 10.0);
    if (output.json()) {
      output.lastPart("]," + Output.compact(printed).substring(1));
    } else {
      output.lines(
          List.of(
              "%d accepted  %s  %.0f tasks/s  (%s)"
                  .formatted(
                      accepted,
                      StatusCommand.counts(counts),
                      perSecond,
                      open > 0 ? "submitted" : "submitted and ended")));
    }
  }
}
