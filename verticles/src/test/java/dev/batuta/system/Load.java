package dev.batuta.system;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client that keeps submitting deposits of 0.01 and publishing messages, one at a time of each,
 * at whatever server answers. Without an answer it repeats with the same key, so it knows of each
 * thing whether it was acknowledged.
 */
final class Load implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 200;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final List<String> urls;
  private final String token;
  private final String user;
  private final String channel;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();

  final Set<String> acknowledgedTasks = ConcurrentHashMap.newKeySet();
  final Set<String> acknowledgedMessages = ConcurrentHashMap.newKeySet();
  final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  Load(List<String> urls, String user, String channel) {
    this.urls = urls;
    this.user = user;
    this.channel = channel;
    this.token = login();
    threads.add(Thread.ofVirtual().start(() -> repeat(this::deposit)));
    threads.add(Thread.ofVirtual().start(() -> repeat(this::publish)));
  }

  private void repeat(Runnable work) {
    while (running.get()) {
      work.run();
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  private String login() {
    JsonObject admin = new JsonObject().put("user", "admin").put("password", "admin");
    JsonObject answer = post("/api/v1/login", UUID.randomUUID().toString(), admin, "");
    if (answer == null) {
      throw new AssertionError("nobody lets the demonstration admin in");
    }
    return answer.getString("token");
  }

  private void deposit() {
    JsonObject payload =
        new JsonObject().put("user", user).put("operation", "deposit").put("amount", "0.01");
    JsonObject task = new JsonObject().put("kind", "UPDATE").put("payload", payload);
    String key = UUID.randomUUID().toString();
    JsonObject answer = post("/api/v1/tasks", key, task, token);
    if (answer == null) {
      unanswered.add("task " + key);
    } else {
      acknowledgedTasks.add(answer.getString("id"));
    }
  }

  private void publish() {
    String text = UUID.randomUUID().toString();
    JsonObject message = new JsonObject().put("text", text).put("user", "load");
    if (post("/api/v1/channels/" + channel + "/messages", text, message, token) == null) {
      unanswered.add("message " + text);
    } else {
      acknowledgedMessages.add(text);
    }
  }

  /** The answer of the first server that gives one, null when none did for long. */
  private @Nullable JsonObject post(String path, String key, JsonObject body, String bearer) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String url = urls.get((attempt + key.hashCode() & 0x7fff_ffff) % urls.size());
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + path))
              .timeout(ANSWER)
              .header("Content-Type", "application/json")
              .header("Idempotency-Key", key)
              .header("Authorization", "Bearer " + bearer)
              .POST(HttpRequest.BodyPublishers.ofString(body.encode()))
              .build();
      try {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 == 2) {
          return new JsonObject(response.body());
        }
        if (response.statusCode() < 429 && response.statusCode() != 404) {
          throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
        }
      } catch (IOException e) {
        // That server is away or broke off: the same key goes to the next one.
        LockSupport.parkNanos(PAUSE.toNanos());
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    return null;
  }

  /** The states of all tasks, as one server lists them. */
  Map<String, String> states() {
    Map<String, String> states = new HashMap<>();
    String after = "";
    while (after != null) {
      JsonObject page =
          get("/api/v1/tasks?limit=1000" + (after.isEmpty() ? "" : "&after=" + after));
      for (Object item : page.getJsonArray("items")) {
        JsonObject task = (JsonObject) item;
        states.put(task.getString("id"), task.getString("state"));
      }
      after = page.getString("next");
    }
    return states;
  }

  private JsonObject get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(urls.getFirst() + path))
            .timeout(ANSWER)
            .header("Authorization", "Bearer " + token)
            .build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
      }
      return new JsonObject(response.body());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(path, e);
    }
  }

  /** Stops the load, and waits for the answers that are under way. */
  void stop() {
    running.set(false);
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
    http.close();
  }
}
