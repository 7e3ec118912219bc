package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
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

  /** Two cores run eleven processes: who asked more would measure how they share them. */
  private static final Duration PAUSE = Duration.ofMillis(500);

  private static final Duration METRONOME = Duration.ofMillis(10);

  /** Less than the client's own patience. */
  private static final int RESULT_WITHIN_MILLIS = 14_000;

  /**
   * One answer, or what stands for one that has not come yet.
   *
   * @param took until it came, or until now
   * @param status of HTTP; 0 when there was none
   * @param done whether it says that what was asked for has happened
   * @param open whether it may still come
   */
  record Answer(
      String server,
      String what,
      long askedAtMillis,
      Duration took,
      int status,
      boolean done,
      boolean open) {}

  /** A question that is not answered yet. */
  private record Open(String server, String what, long askedAtMillis, long begunNanos) {
    Answer answer(int status, boolean done, boolean open) {
      Duration took = Duration.ofNanos(System.nanoTime() - begunNanos);
      return new Answer(server, what, askedAtMillis, took, status, done, open);
    }
  }

  /** A time in which this process was not run. */
  record Stall(long fromMillis, long toMillis) {}

  private interface Question {
    Client.Answer ask(String url) throws IOException;
  }

  private final Client client;
  private final String channel;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Set<Open> open = ConcurrentHashMap.newKeySet();
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
    Open asked = new Open(server, what, System.currentTimeMillis(), System.nanoTime());
    open.add(asked);
    int status = 0;
    boolean done = false;
    try {
      Client.Answer answer = question.ask(url);
      status = answer.status();
      done = status == 200 || status == 201;
    } catch (IOException e) {
      // Nobody answered: status 0.
    }
    answers.add(asked.answer(status, done, false));
    open.remove(asked);
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
        long until = System.currentTimeMillis();
        stalls.add(new Stall(until - late.toMillis(), until));
      }
    }
  }

  /**
   * Answers to what was asked between two instants; what is not answered yet is an answer as old as
   * the question.
   */
  List<Answer> asked(long fromMillis, long toMillis) {
    // The open ones first: one that is answered meanwhile is in both, and not in none.
    List<Answer> all =
        new ArrayList<>(open.stream().map(asked -> asked.answer(0, false, true)).toList());
    all.addAll(answers);
    return all.stream()
        .filter(a -> a.askedAtMillis() >= fromMillis && a.askedAtMillis() < toMillis)
        .toList();
  }

  /** Whether something that took so long is well within the bound. */
  static boolean isCalm(Duration longest) {
    return longest.multipliedBy(2).compareTo(ANSWERED_WITHIN) < 0;
  }

  /** Whether something that took so long is within the bound. */
  static boolean isInTime(Duration longest) {
    return longest.compareTo(ANSWERED_WITHIN) < 0;
  }

  /** The longest that anything took that was asked in this last time. */
  Duration longest(Duration lately) {
    long now = System.currentTimeMillis();
    return asked(now - lately.toMillis(), now).stream()
        .map(Answer::took)
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /**
   * Checks that each of these answers says that it is done, if it has come, and is in time: what
   * happened costs it no more than {@link #ANSWERED_WITHIN} beside what this machine takes anyway,
   * and the time in which this machine did not run a thread that does nothing.
   *
   * @param usual what answers took before
   */
  void assertInTime(List<Answer> some, Duration usual) {
    assertThat(some).isNotEmpty();
    assertThat(some)
        .filteredOn(a -> (!a.done() && !a.open()) || isLate(a, usual, stalls))
        .isEmpty();
  }

  static boolean isLate(Answer answer, Duration usual, Collection<Stall> stalls) {
    Duration costs = answer.took().minus(usual);
    return costs.compareTo(ANSWERED_WITHIN) > 0
        && costs.compareTo(ANSWERED_WITHIN.plus(stalled(answer, stalls))) > 0;
  }

  /** For how long this process was not run between a question and its answer. */
  private static Duration stalled(Answer answer, Collection<Stall> stalls) {
    long from = answer.askedAtMillis();
    long to = from + answer.took().toMillis();
    return Duration.ofMillis(
        stalls.stream()
            .mapToLong(s -> Math.min(to, s.toMillis()) - Math.max(from, s.fromMillis()))
            .filter(both -> both > 0)
            .sum());
  }

  /** The longest answer of each kind, in milliseconds. */
  static Map<String, Long> longest(List<Answer> some) {
    Map<String, Long> longest = new TreeMap<>();
    some.forEach(a -> longest.merge(a.what(), a.took().toMillis(), Math::max));
    return longest;
  }

  @Override
  public void close() {
    running.set(false);
    Load.join(threads);
  }
}
