package dev.batuta.system;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A client that keeps submitting batches of deposits of 0.01 to one account, one after another, and
 * repeats each under its key until it is acknowledged.
 */
final class BulkLoad implements AutoCloseable {
  private static final int BATCH = 50;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration SETTLED = Duration.ofMinutes(2);

  /** Hundreds of thousands of tasks are listed page by page. */
  private static final Duration COUNTED = Duration.ofMinutes(10);

  private static final int ATTEMPTS = 100;

  private final Client client;
  private final Supplier<List<String>> urls;
  private final String user;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final Queue<Tally.Batch> batches = new ConcurrentLinkedQueue<>();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile String during = "";

  /** Begins; the account is opened with 0.00. */
  BulkLoad(Client client, Supplier<List<String>> urls, String user) {
    this.client = client;
    this.urls = urls;
    this.user = user;
    Awaitility.await("the account of " + user)
        .atMost(SETTLED)
        .ignoreExceptions()
        .until(
            () -> {
              String url = urls.get().getFirst();
              client.login(url);
              JsonObject account = new JsonObject().put("user", user).put("balance", "0.00");
              int status = client.post(url, "/api/v1/accounts", user, account).status();
              return status == 201 || status == 409;
            });
    this.thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (running.get()) {
                    submit();
                    LockSupport.parkNanos(PAUSE.toNanos());
                  }
                });
  }

  private void submit() {
    JsonObject task =
        new JsonObject()
            .put("kind", "UPDATE")
            .put(
                "payload",
                new JsonObject()
                    .put("user", user)
                    .put("operation", "deposit")
                    .put("amount", "0.01"))
            .put("maxAttempts", ATTEMPTS);
    JsonArray tasks = new JsonArray();
    for (int i = 0; i < BATCH; i++) {
      tasks.add(task);
    }
    String key = UUID.randomUUID().toString();
    String begun = during;
    long until = System.nanoTime() + SETTLED.toNanos();
    for (int attempt = key.hashCode() & 0xFFFF; System.nanoTime() < until; attempt++) {
      List<String> all = urls.get();
      try {
        Client.Answer answer =
            client.post(
                all.get(attempt % all.size()),
                "/api/v1/tasks/batch",
                key,
                new JsonObject().put("tasks", tasks));
        if (answer.status() == 202) {
          List<String> ids =
              answer.body().getJsonArray("ids").stream().map(String.class::cast).toList();
          batches.add(new Tally.Batch(begun, BATCH, ids));
          acknowledged.addAndGet(ids.size());
          return;
        }
        if (answer.status() != 429 && answer.status() != 503 && answer.status() != 504) {
          refusals.add(answer.status() + " " + answer.body());
        }
      } catch (IOException away) {
        // The same key goes to the next server.
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    batches.add(new Tally.Batch(begun, BATCH, List.of()));
    refusals.add("never acknowledged: " + key);
  }

  /** What is submitted from now on counts as submitted during this. */
  void during(String what) {
    during = what;
  }

  /** How many were acknowledged until now. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** Stops, waits until all that was acknowledged has ended, and says what became of it. */
  Tally tally() {
    close();
    if (!refusals.isEmpty()) {
      throw new AssertionError("answers that no fault explains: " + refusals);
    }
    Map<String, String> states = new HashMap<>();
    Awaitility.await("what was acknowledged has ended")
        .atMost(COUNTED)
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .until(
            () -> {
              states.putAll(states());
              return batches.stream()
                  .flatMap(batch -> batch.acknowledged().stream())
                  .allMatch(id -> Tally.ended(states.getOrDefault(id, "gone")));
            });
    String url = urls.get().getFirst();
    List<String> entries =
        client.items(url, "/api/v1/accounts/" + user + "/entries").stream()
            .flatMap(entry -> Stream.ofNullable(entry.getString("task")))
            .toList();
    BigDecimal expected = new BigDecimal("0.01").multiply(BigDecimal.valueOf(entries.size()));
    String balance = client.body(url, "/api/v1/accounts/" + user).getString("balance");
    if (new BigDecimal(balance).compareTo(expected) != 0) {
      throw new AssertionError("balance " + balance + " after " + entries.size() + " deposits");
    }
    return Tally.of(List.copyOf(batches), states, entries);
  }

  private Map<String, String> states() {
    Map<String, String> states = new HashMap<>();
    client
        .items(urls.get().getFirst(), "/api/v1/tasks")
        .forEach(task -> states.put(task.getString("id"), task.getString("state")));
    return states;
  }

  @Override
  public void close() {
    running.set(false);
    Load.join(List.of(thread));
  }
}
