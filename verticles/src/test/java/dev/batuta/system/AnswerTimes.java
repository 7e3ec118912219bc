package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask each server again and again, one thing at a time, and keep how long every answer
 * took: a task and its result, a message and its acknowledgement, the latest tasks, the nodes.
 */
final class AnswerTimes implements AutoCloseable {
  /** Within which who does not hang is answered, on a machine that runs its processes. */
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(2);

  private static final Duration PAUSE = Duration.ofMillis(150);
  private static final Duration METRONOME = Duration.ofMillis(10);

  /** Less than the client's own patience. */
  private static final int RESULT_WITHIN_MILLIS = 14_000;

  /**
   * One answer.
   *
   * @param status of HTTP; 0 when there was none
   * @param done whether it says that what was asked for has happened
   */
  record Answer(
      String server, String what, long askedAtMillis, Duration took, int status, boolean done) {}

  private record Stall(long atMillis, Duration by) {}

  private interface Question {
    Client.Answer ask(String url) throws IOException;
  }

  private final Client client;
  private final String channel;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Queue<Stall> stalls = new ConcurrentLinkedQueue<>();

  /**
   * Begins to ask.
   *
   * @param client one that has logged in
   * @param urls by server
   * @param channel one in which the name {@code load} may publish, and to which the load does
   */
  AnswerTimes(Client client, Map<String, String> urls, String channel) {
    this.client = client;
    this.channel = channel;
    threads.add(Thread.ofPlatform().start(this::tick));
    urls.forEach(
        (server, url) -> {
          repeat(server, "task", url, this::task);
          repeat(server, "message", url, this::message);
          repeat(server, "tasks", url, at -> client.get(at, "/api/v1/tasks?limit=3"));
          repeat(server, "nodes", url, at -> client.get(at, "/api/v1/cluster"));
        });
  }

  private Client.Answer task(String url) throws IOException {
    JsonObject task =
        new JsonObject()
            .put("kind", "COMPUTE")
            .put("payload", new JsonObject().put("durationMillis", 0));
    String path = "/api/v1/tasks?waitMillis=" + RESULT_WITHIN_MILLIS;
    return client.post(url, path, UUID.randomUUID().toString(), task);
  }

  private Client.Answer message(String url) throws IOException {
    String text = UUID.randomUUID().toString();
    JsonObject message = new JsonObject().put("text", text).put("user", "load");
    return client.post(url, "/api/v1/channels/" + channel + "/messages", text, message);
  }

  private void repeat(String server, String what, String url, Question question) {
    threads.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  while (running.get()) {
                    ask(server, what, url, question);
                    LockSupport.parkNanos(PAUSE.toNanos());
                  }
                }));
  }

  private void ask(String server, String what, String url, Question question) {
    long askedAt = System.currentTimeMillis();
    long begun = System.nanoTime();
    int status = 0;
    boolean done = false;
    try {
      Client.Answer answer = question.ask(url);
      status = answer.status();
      done = status == 200 || status == 201;
    } catch (IOException e) {
      // Nobody answered: status 0.
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begun);
    answers.add(new Answer(server, what, askedAt, took, status, done));
  }

  /** Notes when this process itself was not run for a while. */
  private void tick() {
    long last = System.nanoTime();
    while (running.get()) {
      LockSupport.parkNanos(METRONOME.toNanos());
      long now = System.nanoTime();
      Duration late = Duration.ofNanos(now - last).minus(METRONOME);
      last = now;
      if (late.compareTo(METRONOME) > 0) {
        stalls.add(new Stall(System.currentTimeMillis(), late));
      }
    }
  }

  /** Answers to what was asked between two instants. */
  List<Answer> asked(long fromMillis, long toMillis) {
    return answers.stream()
        .filter(a -> a.askedAtMillis() >= fromMillis && a.askedAtMillis() < toMillis)
        .toList();
  }

  /**
   * Checks that each of these answers says that it is done, and came in time: within {@link
   * #ANSWERED_WITHIN}, and for as long as this machine did not run a thread that does nothing.
   */
  void assertInTime(List<Answer> some) {
    assertThat(some).isNotEmpty();
    LongSummaryStatistics asked =
        some.stream().mapToLong(Answer::askedAtMillis).summaryStatistics();
    Duration limit = ANSWERED_WITHIN.plus(longestStall(asked.getMin(), System.currentTimeMillis()));
    assertThat(some).filteredOn(a -> !a.done() || a.took().compareTo(limit) > 0).isEmpty();
  }

  /** The longest answer of each kind, in milliseconds. */
  static Map<String, Long> longest(List<Answer> some) {
    Map<String, Long> longest = new TreeMap<>();
    some.forEach(a -> longest.merge(a.what(), a.took().toMillis(), Math::max));
    return longest;
  }

  private Duration longestStall(long fromMillis, long toMillis) {
    return stalls.stream()
        .filter(stall -> stall.atMillis() >= fromMillis && stall.atMillis() < toMillis)
        .map(Stall::by)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    running.set(false);
    Load.join(threads);
  }
}
