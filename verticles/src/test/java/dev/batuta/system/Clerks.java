package dev.batuta.system;

import dev.batuta.codec.TaskMessage;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.linearizability.Account;
import dev.batuta.linearizability.Account.Change;
import dev.batuta.linearizability.Operation;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Clients that keep asking for changes and balances of a few accounts, one thing after another,
 * each at whatever server answers, and note when they asked and what they were answered. One that
 * has no answer for long notes that, and goes on with something else.
 */
final class Clerks implements AutoCloseable {
  /** Longer than a server is away, shorter than all faults together. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private static final Duration SETTLED = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int WAIT_MILLIS = 3000;
  private static final int ATTEMPTS = 100;

  /** What was asked under a key, and not answered in time. */
  private record Open(String key, Payload payload, long calledNanos) {}

  private final Client client;
  private final Supplier<List<String>> urls;
  private final List<String> users;
  private final Queue<Operation> history = new ConcurrentLinkedQueue<>();
  private final Queue<Open> open = new ConcurrentLinkedQueue<>();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Begins; the accounts are opened with 100.00 each.
   *
   * @param urls of the servers, as they are now
   */
  Clerks(Client client, Supplier<List<String>> urls, List<String> users, int count) {
    this.client = client;
    this.urls = urls;
    this.users = users;
    Awaitility.await("somebody lets the demonstration admin in")
        .atMost(SETTLED)
        .ignoreExceptions()
        .until(
            () -> {
              client.login(urls.get().getFirst());
              return users.stream().allMatch(this::openAccount);
            });
    for (int i = 0; i < count; i++) {
      Random random = new Random(i);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (running.get()) {
                      ask(draw(random));
                    }
                  }));
    }
  }

  private boolean openAccount(String user) {
    try {
      JsonObject account = new JsonObject().put("user", user).put("balance", "100.00");
      int status = client.post(urls.get().getFirst(), "/api/v1/accounts", user, account).status();
      return status == 201 || status == 409;
    } catch (IOException away) {
      return false;
    }
  }

  private Payload draw(Random random) {
    String user = users.get(random.nextInt(users.size()));
    String amount = random.nextInt(40) + "." + (10 + random.nextInt(90));
    return switch (random.nextInt(10)) {
      case 0, 1, 2 -> new Query(user);
      case 3 -> new Update(user, TaskMessage.Operation.SET, amount);
      case 4, 5 -> new Update(user, TaskMessage.Operation.WITHDRAW, amount);
      case 6, 7 -> {
        String other = users.get(random.nextInt(users.size()));
        yield other.equals(user) ? new Query(user) : new Transfer(user, other, amount);
      }
      default -> new Update(user, TaskMessage.Operation.DEPOSIT, amount);
    };
  }

  private void ask(Payload payload) {
    Open asked = new Open(UUID.randomUUID().toString(), payload, System.nanoTime());
    Optional<JsonObject> task = ended(asked, PATIENCE);
    long answered = System.nanoTime();
    if (task.isPresent()) {
      note(asked, task.get(), answered);
    } else {
      open.add(asked);
    }
  }

  private void note(Open asked, JsonObject task, long answeredNanos) {
    JsonObject result = task.getJsonObject("result");
    if (result == null) {
      refusals.add(asked + ": " + task);
      return;
    }
    history.add(
        new Operation(
            task.getString("id"),
            asked.payload(),
            asked.calledNanos(),
            answeredNanos,
            result(result)));
  }

  private static Result result(JsonObject json) {
    return new Result(
        Status.valueOf(json.getString("status")),
        json.getString("balance"),
        json.getString("error"));
  }

  /** The task once it has ended; empty when the patience is over before. */
  private Optional<JsonObject> ended(Open asked, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    String id = null;
    for (int attempt = asked.key().hashCode() & 0xFFFF; System.nanoTime() < until; attempt++) {
      List<String> all = urls.get();
      JsonObject task = once(all.get(attempt % all.size()), asked, id);
      if (task != null && isEnd(task.getString("state"))) {
        return Optional.of(task);
      }
      id = task == null ? id : task.getString("id");
      if (task == null) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return Optional.empty();
  }

  /** Asks one server: for the task if it is known, else under the key. */
  private @Nullable JsonObject once(String url, Open asked, @Nullable String id) {
    try {
      Client.Answer answer =
          id == null
              ? client.post(
                  url,
                  "/api/v1/tasks?waitMillis=" + WAIT_MILLIS,
                  asked.key(),
                  body(asked.payload()))
              : client.get(url, "/api/v1/tasks/" + id + "?waitMillis=" + WAIT_MILLIS);
      if (answer.status() / 100 == 2) {
        return answer.body();
      }
      if (answer.status() != 429 && answer.status() != 503 && answer.status() != 504) {
        refusals.add(asked + ": " + answer.status() + " " + answer.body());
      }
      return null;
    } catch (IOException away) {
      return null;
    }
  }

  private static boolean isEnd(String state) {
    return state.equals("DONE") || state.equals("DEAD") || state.equals("CANCELLED");
  }

  private static JsonObject body(Payload payload) {
    JsonObject fields =
        switch (payload) {
          case Query(var user) -> new JsonObject().put("user", user);
          case Update(var user, var operation, var amount) ->
              new JsonObject()
                  .put("user", user)
                  .put("operation", operation.name().toLowerCase(Locale.ROOT))
                  .put("amount", amount);
          case Transfer(var from, var to, var amount) ->
              new JsonObject().put("from", from).put("to", to).put("amount", amount);
          default -> throw new IllegalArgumentException(payload.kind());
        };
    return new JsonObject()
        .put("kind", payload.kind())
        .put("payload", fields)
        .put("maxAttempts", ATTEMPTS);
  }

  /** How much was answered until now. */
  int answered() {
    return history.size();
  }

  /** Stops, and waits for the answers that are under way. */
  void stop() {
    running.set(false);
    Load.join(threads);
  }

  /** Stops, and learns by its key what became of each thing that was not answered in time. */
  Recorded recorded() {
    stop();
    int unknown = open.size();
    for (Open each : open) {
      JsonObject task =
          ended(each, SETTLED).orElseThrow(() -> new AssertionError("no answer ever to " + each));
      note(each, task, Operation.NEVER);
    }
    if (!refusals.isEmpty()) {
      throw new AssertionError("answers that no fault explains: " + refusals);
    }
    return new Recorded(List.copyOf(history), users.stream().map(this::account).toList(), unknown);
  }

  private Account account(String user) {
    List<Change> changes =
        client.items(urls.get().getFirst(), "/api/v1/accounts/" + user + "/entries").stream()
            .map(
                entry ->
                    new Change(
                        entry.getString("task", "0"),
                        new BigDecimal(entry.getString("amount")),
                        new BigDecimal(entry.getString("balance"))))
            .toList();
    return new Account(user, BigDecimal.ZERO, changes);
  }

  @Override
  public void close() {
    stop();
  }
}
