package dev.batuta.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Many equal tasks, submitted in batches that are each accepted once, and followed by pages to
 * their ends.
 */
final class BulkSubmission {
  private static final int BATCH = 10_000;
  private static final int PAGE = 1_000;
  private static final Duration HELD = Duration.ofSeconds(5);
  private static final Duration BUSY_FOR = Duration.ofMinutes(1);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(500);

  private final Api api;
  private final Output output;
  private final ObjectNode task;
  private final int count;
  private final String key;

  private final List<List<String>> batches = new ArrayList<>();
  private final Map<String, Integer> states = new TreeMap<>();
  private int refused;
  private String firstError = "";

  BulkSubmission(Api api, Output output, ObjectNode task, int count, String key) {
    this.api = api;
    this.output = output;
    this.task = task;
    this.count = count;
    this.key = key;
  }

  /** Submits, waits for the ends when it may wait at all, prints; the exit code. */
  int run(Duration waitAtMost) {
    long began = System.nanoTime();
    for (int done = 0; done < count; done += BATCH) {
      batches.add(submit(Math.min(BATCH, count - done), key + "/" + batches.size()));
    }
    int accepted = batches.stream().mapToInt(List::size).sum();
    boolean wait = !waitAtMost.isZero();
    if (wait) {
      long end = System.nanoTime() + waitAtMost.toNanos();
      batches.forEach(ids -> follow(ids, end));
    } else {
      states.put("PENDING", accepted);
    }
    double seconds = Math.max(1e-6, (System.nanoTime() - began) / 1e9);
    print(accepted, accepted / seconds, wait);
    boolean all = states.getOrDefault(wait ? "DONE" : "PENDING", 0) == accepted && refused == 0;
    if (!all) {
      output.remark(
          "%d of %d did not succeed%s"
              .formatted(
                  accepted - states.getOrDefault("DONE", 0) + refused,
                  accepted,
                  firstError.isEmpty() ? "" : "; the first: " + firstError));
    }
    return all ? 0 : Problem.REFUSED;
  }

  private List<String> submit(int size, String batchKey) {
    var body = Output.JSON.createObjectNode();
    var tasks = body.putArray("tasks");
    for (int i = 0; i < size; i++) {
      tasks.add(task);
    }
    long end = System.nanoTime() + BUSY_FOR.toNanos();
    while (true) {
      try {
        var answer = api.post("/tasks/batch", body, batchKey, BUSY_PAUSE).body();
        var ids = new ArrayList<String>(size);
        answer.path("ids").forEach(id -> ids.add(id.asText()));
        return ids;
      } catch (Problem e) {
        if (e.status() != 429 || System.nanoTime() > end) {
          throw e;
        }
        Api.pause(BUSY_PAUSE);
      }
    }
  }

  /**
   * Ids of a batch rise, and tasks end about in that order: waits for the first open one, then
   * reads pages from there for as long as they hold only ended ones.
   */
  private void follow(List<String> ids, long end) {
    int first = 0;
    var ended = new HashSet<String>();
    while (first < ids.size()) {
      var open = ids.get(first);
      if (!ended.remove(open)) {
        var task = api.get("/tasks/" + Api.encoded(open) + "?waitMillis=" + HELD.toMillis(), HELD);
        if (!TaskText.isFinal(task)) {
          if (System.nanoTime() > end) {
            throw Problem.unsure(
                "not-ended",
                "task %s has not ended in time: see ./batuta tasks --state PENDING"
                    .formatted(open));
          }
          continue;
        }
        count(task);
        page(open, ids.subList(first + 1, ids.size()), ended);
      }
      first++;
    }
  }

  /** Counts the ended ones of the page after a task; each is counted once. */
  private void page(String after, List<String> open, Set<String> ended) {
    var wanted = new HashSet<>(open.subList(0, Math.min(open.size(), PAGE)));
    if (wanted.isEmpty() || !ended.isEmpty()) {
      return;
    }
    var page = api.get("/tasks?limit=" + PAGE + "&after=" + Api.encoded(after));
    for (var task : page.path("items")) {
      var id = task.path("id").asText();
      if (wanted.contains(id) && TaskText.isFinal(task) && ended.add(id)) {
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

  private void print(int accepted, double perSecond, boolean wait) {
    var printed = Output.JSON.createObjectNode().put("accepted", accepted);
    var ids = printed.putArray("ids");
    batches.forEach(batch -> batch.forEach(ids::add));
    var counts = printed.putObject("states");
    states.forEach(counts::put);
    printed.put("tasksPerSecond", Math.round(perSecond * 10) / 10.0);
    output.print(
        printed,
        List.of(
            "%d accepted  %s  %.0f tasks/s  (%s)"
                .formatted(
                    accepted,
                    StatusCommand.counts(counts),
                    perSecond,
                    wait ? "submitted and ended" : "submitted")));
  }
}
