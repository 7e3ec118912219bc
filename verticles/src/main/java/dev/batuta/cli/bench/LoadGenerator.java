package dev.batuta.cli.bench;

import dev.batuta.cli.client.Api;
import dev.batuta.cli.client.Problem;
import dev.batuta.cli.client.Target;
import dev.batuta.node.ClusterFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Submits bodies that are ready made, by several connections that are kept alive, to all servers in
 * turn; costs little, because it runs beside what it measures.
 */
final class LoadGenerator {
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration BUSY_PAUSE = Duration.ofMillis(20);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration ENDED_WITHIN = Duration.ofMinutes(2);
  private static final byte[] IDS = "\"ids\":[".getBytes(StandardCharsets.US_ASCII);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final Api api;
  private final List<Door> doors;
  private final int connections;

  /** A server and a token that it takes. */
  private record Door(String url, String token) {}

  /** Ids that one submission was given; they are consecutive. */
  record Range(long first, long last) {
    long count() {
      return last - first + 1;
    }
  }

  /** Tasks or messages of one request: what it says, under a key of its own. */
  record Batch(BodyPublisher body, int size) {}

  /** Submissions that were acknowledged, and the time from the first to the last of them. */
  record Acknowledged(List<Range> ranges, long startNanos, double seconds) {
    long tasks() {
      return ranges.stream().mapToLong(Range::count).sum();
    }

    double perSecond() {
      return tasks() / seconds;
    }
  }

  LoadGenerator(Target target, int connections) {
    this.api = target.api();
    this.connections = connections;
    var file = target.clusterFile();
    var known = file.map(ClusterFile::servers).orElse(List.of());
    for (var url : api.servers()) {
      if (known.stream().noneMatch(server -> server.url().equals(url))) {
        throw Problem.failed(
            "not-here",
            "bench compares with the database of the cluster of %s, and %s is no server of it: leave --url and BATUTA_URL out, or name its data folder by --data"
                .formatted(target.data(), url));
      }
    }
    var token = file.map(ClusterFile::adminToken).orElse("");
    this.doors = api.servers().stream().map(url -> new Door(url, token)).toList();
  }

  /** Submits all, several at once. */
  Acknowledged submit(List<Batch> batches) {
    var ranges = Collections.synchronizedList(new ArrayList<Range>());
    long start = System.nanoTime();
    each(
        batches.size(),
        (lane, i) -> ranges.add(submit(doors.get(lane % doors.size()), batches.get(i))));
    return new Acknowledged(List.copyOf(ranges), start, (System.nanoTime() - start) / 1e9);
  }

  private Range submit(Door door, Batch batch) {
    return range(accepted(door, "/tasks/batch", batch, 202).body(), batch.size());
  }

  /** Publishes all, several at once; the seconds that took. */
  double publish(String channel, List<Batch> batches) {
    var path = "/channels/" + channel + "/messages/batch";
    long start = System.nanoTime();
    each(
        batches.size(),
        (lane, i) -> accepted(doors.get(lane % doors.size()), path, batches.get(i), 201));
    return (System.nanoTime() - start) / 1e9;
  }

  private HttpResponse<byte[]> accepted(Door door, String path, Batch batch, int status) {
    var request =
        post(door, path)
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(batch.body())
            .build();
    while (true) {
      var response = send(request);
      if (response.statusCode() == status) {
        return response;
      }
      if (response.statusCode() != 429) {
        throw refused(response);
      }
      Api.pause(BUSY_PAUSE);
    }
  }

  /** Creates a name below {@code /users} or {@code /channels}, unless it is there. */
  void create(String path, String name) {
    var body = BodyPublishers.ofString("{\"name\":\"" + name + "\"}");
    var response = send(post(doors.getFirst(), path).POST(body).build());
    if (response.statusCode() != 201 && response.statusCode() != 409) {
      throw refused(response);
    }
  }

  /** Publishes one message; the milliseconds that took. */
  double publishOne(String channel, byte[] body) {
    return millis("/channels/" + channel + "/messages", body, 201);
  }

  /** Submits one task and waits for its end; the milliseconds that took. */
  double submitAndWait(byte[] body) {
    return millis("/tasks?waitMillis=10000", body, 200);
  }

  private double millis(String path, byte[] body, int status) {
    var request = post(doors.getFirst(), path).POST(BodyPublishers.ofByteArray(body)).build();
    long start = System.nanoTime();
    var response = send(request);
    if (response.statusCode() != status) {
      throw refused(response);
    }
    return (System.nanoTime() - start) / 1e6;
  }

  /** Opens accounts, unless they are there. */
  void open(int count, IntFunction<String> user) {
    each(
        count,
        (lane, i) -> {
          var body = BodyPublishers.ofString("{\"user\":\"" + user.apply(i) + "\"}");
          var response = send(post(doors.get(lane % doors.size()), "/accounts").POST(body).build());
          if (response.statusCode() != 201 && response.statusCode() != 409) {
            throw refused(response);
          }
        });
  }

  private interface Step {
    void take(int lane, int number);
  }

  /** Takes so many steps, as many side by side as there are connections. */
  private void each(int count, Step step) {
    var next = new AtomicInteger();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory())) {
      var running = new ArrayList<Future<?>>();
      for (int number = 0; number < connections; number++) {
        int lane = number;
        running.add(
            threads.submit(
                () -> {
                  for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                    step.take(lane, i);
                  }
                }));
      }
      for (var lane : running) {
        lane.get();
      }
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Problem problem
          ? problem
          : Problem.failed("bench", "the load failed: " + e.getCause());
    }
  }

  /** Tasks of the cluster that have ended, as its servers count them. */
  long ended() {
    var tasks = api.get("/cluster").path("tasks");
    return tasks.path("DONE").asLong()
        + tasks.path("DEAD").asLong()
        + tasks.path("CANCELLED").asLong();
  }

  /**
   * Waits until all have ended, successfully.
   *
   * @param before {@link #ended} before they were submitted
   * @return seconds since the start of the submission
   */
  double awaitEnds(Acknowledged submitted, long before, RawDatabase database) {
    long until = System.nanoTime() + ENDED_WITHIN.toNanos();
    while (ended() - before < submitted.tasks()) {
      giveUpAfter(until, submitted);
      Api.pause(POLL);
    }
    double seconds = (System.nanoTime() - submitted.startNanos()) / 1e9;
    // Others' tasks may have been counted: the database knows.
    while (!allEnded(submitted, database)) {
      giveUpAfter(until, submitted);
      Api.pause(POLL);
      seconds = (System.nanoTime() - submitted.startNanos()) / 1e9;
    }
    return seconds;
  }

  private static boolean allEnded(Acknowledged submitted, RawDatabase database) {
    return submitted.ranges().stream()
        .allMatch(range -> database.ended(range.first(), range.last()) == range.count());
  }

  private static void giveUpAfter(long until, Acknowledged submitted) {
    if (System.nanoTime() > until) {
      throw Problem.failed(
          "not-ended",
          "of %d acknowledged tasks not all were DONE within %d s: see ./batuta status"
              .formatted(submitted.tasks(), ENDED_WITHIN.toSeconds()));
    }
  }

  private HttpRequest.Builder post(Door door, String path) {
    return HttpRequest.newBuilder(URI.create(door.url() + "/api/v1" + path))
        .timeout(ANSWER)
        .header("Content-Type", "application/json")
        .header("Authorization", "Bearer " + door.token());
  }

  private HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (IOException e) {
      throw Problem.failed(
          "unreachable", request.uri() + " did not answer, or the connection was lost: " + e);
    }
  }

  private static Problem interrupted() {
    Thread.currentThread().interrupt();
    return Problem.unsure("interrupted", "interrupted while a server was asked");
  }

  private static Problem refused(HttpResponse<byte[]> response) {
    return Problem.failed(
        "refused",
        "a server answered %d: %s"
            .formatted(
                response.statusCode(),
                new String(
                    response.body(),
                    0,
                    Math.min(300, response.body().length),
                    StandardCharsets.UTF_8)));
  }

  /** The ids of an answer {@code {"accepted": .., "ids": ["..", ..]}}, which are consecutive. */
  static Range range(byte[] answer, int tasks) {
    int at = indexOf(answer, IDS) + IDS.length + 1;
    long first = 0;
    while (at < answer.length && answer[at] >= '0' && answer[at] <= '9') {
      first = 10 * first + answer[at++] - '0';
    }
    if (first == 0) {
      throw Problem.failed("bench", "an answer holds no ids");
    }
    return new Range(first, first + tasks - 1);
  }

  private static int indexOf(byte[] text, byte[] part) {
    for (int i = 0; i + part.length <= text.length; i++) {
      int same = 0;
      while (same < part.length && text[i + same] == part[same]) {
        same++;
      }
      if (same == part.length) {
        return i;
      }
    }
    return text.length;
  }
}
