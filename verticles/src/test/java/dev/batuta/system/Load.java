package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A client that keeps submitting deposits of 0.01 and publishing messages, one at a time of each,
 * at whatever server answers. Without an answer it repeats with the same key, so it knows of each
 * thing whether it was acknowledged.
 */
final class Load implements AutoCloseable {
  private static final int ATTEMPTS = 200;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration BETWEEN = Duration.ofMillis(25);
  private static final Duration SETTLED = Duration.ofSeconds(60);
  private static final BigDecimal DEPOSIT = new BigDecimal("0.01");

  private final Client client;
  private final List<String> urls;
  private final String user;
  private final String channel;
  private final BigDecimal before;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();

  final Set<String> acknowledgedTasks = ConcurrentHashMap.newKeySet();
  final Set<String> acknowledgedMessages = ConcurrentHashMap.newKeySet();
  final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  /** Answers that no fault explains: neither done, nor busy, nor away, nor unknown. */
  final Set<String> refusals = ConcurrentHashMap.newKeySet();

  Load(List<String> urls, String user, String channel) {
    this(Client.anywhere(), urls, user, channel);
  }

  /** Begins; the user's account, the channel and the name {@code load} are made when missing. */
  Load(Client client, List<String> urls, String user, String channel) {
    this.client = client;
    this.urls = urls;
    this.user = user;
    this.channel = channel;
    prepare();
    this.before = balance();
    threads.add(Thread.ofVirtual().start(() -> repeat(this::deposit)));
    threads.add(Thread.ofVirtual().start(() -> repeat(this::publish)));
  }

  private void prepare() {
    Awaitility.await("somebody lets the demonstration admin in")
        .atMost(SETTLED)
        .ignoreExceptions()
        .until(
            () -> {
              String url = urls.getFirst();
              client.login(url);
              JsonObject account = new JsonObject().put("user", user).put("balance", "0.00");
              return made("/api/v1/accounts", account)
                  && made("/api/v1/users", new JsonObject().put("name", "load"))
                  && made("/api/v1/channels", new JsonObject().put("name", channel));
            });
  }

  private boolean made(String path, JsonObject body) throws IOException {
    int status = client.post(urls.getFirst(), path, UUID.randomUUID().toString(), body).status();
    return status == 201 || status == 409;
  }

  private void repeat(Runnable work) {
    while (running.get()) {
      work.run();
      LockSupport.parkNanos(BETWEEN.toNanos());
    }
  }

  /** The sum of a metric of a server, as the load's own user sees it. */
  double metric(String url, String name) {
    return client.metric(url, name);
  }

  /** Sends deposits at once, each to this server first; {@link #join} waits for their answers. */
  List<Thread> depositAt(String url, int count) {
    return Stream.generate(() -> Thread.ofVirtual().start(() -> deposit(url)))
        .limit(count)
        .toList();
  }

  private void deposit() {
    deposit(null);
  }

  private void deposit(@Nullable String first) {
    JsonObject payload =
        new JsonObject().put("user", user).put("operation", "deposit").put("amount", "0.01");
    JsonObject task = new JsonObject().put("kind", "UPDATE").put("payload", payload);
    String key = UUID.randomUUID().toString();
    JsonObject answer = post("/api/v1/tasks", key, task, first);
    if (answer == null) {
      unanswered.add("task " + key);
    } else {
      acknowledgedTasks.add(answer.getString("id"));
    }
  }

  private void publish() {
    String text = UUID.randomUUID().toString();
    JsonObject message = new JsonObject().put("text", text).put("user", "load");
    if (post("/api/v1/channels/" + channel + "/messages", text, message, null) == null) {
      unanswered.add("message " + text);
    } else {
      acknowledgedMessages.add(text);
    }
  }

  /** The answer of the first server that gives one, null when none did for long. */
  private @Nullable JsonObject post(
      String path, String key, JsonObject body, @Nullable String first) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String next = urls.get((attempt + key.hashCode() & 0x7fff_ffff) % urls.size());
      String url = attempt == 0 && first != null ? first : next;
      try {
        Client.Answer answer = client.post(url, path, key, body);
        if (answer.status() / 100 == 2) {
          return answer.body();
        }
        if (answer.status() != 429 && answer.status() != 503 && answer.status() != 504) {
          // A channel that a server with an old copy does not know yet is no refusal.
          if (answer.status() != 404) {
            refusals.add(path + ": " + answer.status() + " " + answer.body());
          }
        }
      } catch (IOException e) {
        // That server is away or broke off: the same key goes to the next one.
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return null;
  }

  /** The states of all tasks, as one server lists them. */
  Map<String, String> states() {
    return client.items(urls.getFirst(), "/api/v1/tasks").stream()
        .collect(Collectors.toMap(task -> task.getString("id"), task -> task.getString("state")));
  }

  /** The texts of the channel, as one server shows them. */
  List<String> texts(String url) {
    return client.items(url, "/api/v1/channels/" + channel + "/messages").stream()
        .map(message -> message.getString("text"))
        .toList();
  }

  /** How often each status was answered until now. */
  Map<Integer, Long> statuses() {
    return client.statuses.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().sum()));
  }

  private BigDecimal balance() {
    return new BigDecimal(
        client.body(urls.getFirst(), "/api/v1/accounts/" + user).getString("balance"));
  }

  /** Waits until more of both was acknowledged than now. */
  void awaitProgress(String when, Duration atMost) {
    int tasks = acknowledgedTasks.size();
    int messages = acknowledgedMessages.size();
    Awaitility.await("tasks and messages go on " + when)
        .atMost(atMost)
        .until(() -> acknowledgedTasks.size() > tasks && acknowledgedMessages.size() > messages);
  }

  /**
   * Stops, and checks that every acknowledged task is done and counted once, and that every server
   * has every acknowledged message once.
   */
  void assertNothingIsLostOrDoneTwice() {
    stop();
    assertThat(refusals).isEmpty();
    assertThat(unanswered).isEmpty();
    assertThat(acknowledgedTasks).isNotEmpty();
    assertThat(acknowledgedMessages).isNotEmpty();
    Map<String, String> done =
        acknowledgedTasks.stream().collect(Collectors.toMap(id -> id, id -> "DONE"));
    Awaitility.await("every acknowledged task is done")
        .atMost(SETTLED)
        .untilAsserted(() -> assertThat(states()).containsAllEntriesOf(done));
    BigDecimal deposited = DEPOSIT.multiply(new BigDecimal(acknowledgedTasks.size()));
    assertThat(balance()).isEqualByComparingTo(before.add(deposited));
    assertThat(client.body(urls.getFirst(), "/api/v1/audit").getBoolean("ok")).isTrue();
    for (String url : urls) {
      Awaitility.await("all messages at " + url)
          .atMost(SETTLED)
          .until(() -> new HashSet<>(texts(url)).containsAll(acknowledgedMessages));
      assertThat(texts(url)).doesNotHaveDuplicates();
    }
  }

  /** Stops the load, and waits for the answers that are under way. */
  void stop() {
    running.set(false);
    join(threads);
  }

  /** Waits until each has its answer. */
  static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofMinutes(2));
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    stop();
    client.close();
  }
}
