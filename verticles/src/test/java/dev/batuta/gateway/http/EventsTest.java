package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.bus.Trace;
import dev.batuta.codec.Done;
import dev.batuta.gateway.events.EventToken;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
  private static GatewayFixture gateway;
  private static String alice;

  @BeforeAll
  static void start(@TempDir Path folder) {
    gateway = new GatewayFixture(folder);
    alice = gateway.token("alice", "password1");
    post("channels", "{\"name\":\"geral\"}");
    post("channels", "{\"name\":\"other\"}");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  /** An event as a client reads it. */
  private record Event(String type, String id, JsonObject data) {}

  /** An open stream; reads on a thread of its own. */
  private static final class Stream implements AutoCloseable {
    final List<Event> events = new CopyOnWriteArrayList<>();
    private final InputStream in;

    Stream(String query, @Nullable String lastEventId, String... headers) {
      String url = "http://127.0.0.1:" + gateway.port() + "/api/v1/events?" + query;
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
      if (lastEventId != null) {
        request.header("Last-Event-ID", lastEventId);
      }
      if (headers.length > 0) {
        request.headers(headers);
      }
      try {
        HttpResponse<InputStream> response =
            gateway.client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        in = response.body();
      } catch (IOException | InterruptedException broken) {
        throw new AssertionError(broken);
      }
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        String type = "";
        String id = "";
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.startsWith("event: ")) {
            type = line.substring(7);
          } else if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("data: ")) {
            events.add(new Event(type, id, new JsonObject(line.substring(6))));
          }
        }
      } catch (IOException closed) {
        // The test has closed it.
      }
    }

    /** That of the last event, -1 while there is none. */
    long epoch() {
      return events.isEmpty() ? -1 : events.getLast().data().getLong("epoch");
    }

    List<String> texts() {
      return events.stream()
          .filter(event -> event.type().equals("messages"))
          .map(event -> event.data().getString("text"))
          .toList();
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException broken) {
        throw new AssertionError(broken);
      }
    }
  }

  @Test
  void aNewClientGetsThePresentStateFirst() {
    try (Stream stream = new Stream("types=coordinator,nodes,tasks", null)) {
      eventually(() -> stream.events.size() >= 3);

      assertThat(stream.events.stream().map(Event::type).limit(3))
          .containsExactly("coordinator", "nodes", "tasks");
      assertThat(stream.events.getFirst().data().getString("coordinator")).isEqualTo("server-1");
      assertThat(stream.events.get(1).data().getJsonArray("workers")).hasSize(1);
    }
  }

  @Test
  void tasksAreCountedAndTheLastOnesShown() {
    try (Stream stream = new Stream("types=tasks", null)) {
      Reply done =
          post("tasks?waitMillis=20000", "{\"kind\":\"QUERY\",\"payload\":{\"user\":\"x\"}}");

      eventually(
          () ->
              stream.events.stream()
                  .flatMap(event -> event.data().getJsonArray("recent").stream())
                  .anyMatch(task -> ((JsonObject) task).getString("id").equals(done.text("id"))));
    }
  }

  @Test
  void aDeadTaskIsShownWithItsReason() {
    try (Stream stream = new Stream("types=tasks", null)) {
      post(
          "tasks?waitMillis=20000",
          "{\"kind\":\"COMPUTE\",\"payload\":{\"durationMillis\":60000},\"timeoutMillis\":50,\"maxAttempts\":1}");

      eventually(
          () ->
              stream.events.stream()
                  .flatMap(event -> event.data().getJsonArray("recent").stream())
                  .map(JsonObject.class::cast)
                  .filter(task -> task.getString("state").equals("DEAD"))
                  .anyMatch(task -> task.getString("error").equals("no result within 50 ms")));
    }
  }

  @Test
  void whatTheNodeSendsAndReceivesIsTracedForWhoAsksForItOnly() {
    Trace trace = gateway.bus().trace();
    try (Stream all = new Stream("", null);
        Stream traced = new Stream("types=trace", null)) {
      eventually(() -> traced.events.stream().anyMatch(EventsTest::tellsOfAHeartbeat));

      assertThat(traced.events)
          .extracting(Event::data)
          .allSatisfy(batch -> assertThat(batch.getString("node")).isEqualTo("server-1"))
          .allSatisfy(batch -> assertThat(batch.getLong("dropped")).isZero());
      eventually(() -> !all.events.isEmpty());
      assertThat(all.events).noneMatch(event -> event.type().equals("trace"));
    }
    eventually(() -> isQuiet(trace));
  }

  private static boolean tellsOfAHeartbeat(Event traced) {
    return traced.data().getJsonArray("events").stream()
        .map(JsonObject.class::cast)
        .anyMatch(
            event ->
                event.getString("event").equals("receive")
                    && event.getString("type").equals("Heartbeat")
                    && event.getString("sender").equals("server-1")
                    && event.getLong("clock") > event.getLong("sent"));
  }

  private static boolean isQuiet(Trace trace) {
    gateway.bus().send("nowhere", new Done());
    return trace.drain().events().isEmpty();
  }

  @Test
  void aChangeReachesTheClientAndAfterABreakWhatItMissed() {
    Event last;
    try (Stream stream = new Stream("types=coordinator", null)) {
      coordinator(7);
      eventually(() -> stream.epoch() == 7);
      last = stream.events.getLast();
    }
    coordinator(8);
    coordinator(9);

    try (Stream stream = new Stream("types=coordinator", last.id())) {
      eventually(() -> stream.events.size() >= 2);
      assertThat(stream.events.stream().map(event -> event.data().getLong("epoch")))
          .containsExactly(8L, 9L);
    }
  }

  @Test
  void messagesComeOnceInOrderAndAfterABreakNothingIsMissed() {
    String cookie = "batuta_token=" + alice;
    Event last;
    try (Stream stream = new Stream("types=messages&channel=geral", null, "Cookie", cookie)) {
      say("geral", "one");
      say("other", "elsewhere");
      say("geral", "two");
      eventually(() -> stream.texts().size() == 2);
      assertThat(stream.texts()).containsExactly("one", "two");
      last = stream.events.getLast();
    }
    say("geral", "three");

    try (Stream stream =
        new Stream("types=messages&channel=geral", last.id(), "Authorization", "Bearer " + alice)) {
      say("geral", "four");
      eventually(() -> stream.texts().size() == 2);
      assertThat(stream.texts()).containsExactly("three", "four");
    }
  }

  @Test
  void aBreakBehindWhatWasPassedOverIsResumedBehindIt() {
    String cookie = "batuta_token=" + alice;
    String query = "types=messages,coordinator&channel=geral";
    AtomicLong epoch = new AtomicLong(100);
    String last;
    try (Stream stream = new Stream(query, null, "Cookie", cookie)) {
      eventually(() -> !stream.events.isEmpty());
      String from = position(stream.events.getFirst());
      say("other", "passed over");
      eventually(
          () -> {
            coordinator(epoch.incrementAndGet());
            return !position(stream.events.getLast()).equals(from);
          });
      last = stream.events.getLast().id();
    }

    try (Stream stream = new Stream("types=messages", last, "Cookie", cookie)) {
      say("other", "later");
      eventually(() -> !stream.texts().isEmpty());
      assertThat(stream.texts()).containsExactly("later");
    }
  }

  private static String position(Event event) {
    return String.valueOf(EventToken.decode(event.id()).orElseThrow().messages());
  }

  @Test
  void aChannelIsFollowedByAnySpellingOfItsName() {
    post("channels", "{\"name\":\"Straße Über\"}");
    String cookie = "batuta_token=" + alice;
    String spelling = "%20STRASSE%20U%CC%88BER%C2%A0";
    try (Stream stream = new Stream("types=messages&channel=" + spelling, null, "Cookie", cookie)) {
      say("other", "elsewhere");
      say("stra%C3%9Fe%20%C3%BCber", "here");
      eventually(() -> !stream.texts().isEmpty());
      assertThat(stream.texts()).containsExactly("here");
      assertThat(stream.events.getLast().data().getString("channel")).isEqualTo("Straße Über");
    }
  }

  @Test
  void aTakenPortIsNamedAndWhoIsToMove() {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> gateway.open(gateway.server.gateway(), 1 << 20, port))
          .hasMessageContaining("Port " + port + " of 127.0.0.1 is taken")
          .hasMessageContaining("--http-port");
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }

  private static void coordinator(long epoch) {
    gateway
        .bus()
        .event("coordinator", new JsonObject().put("epoch", epoch).put("coordinator", "server-1"));
  }

  private static void say(String channel, String text) {
    Reply reply =
        post("channels/" + channel + "/messages", new JsonObject().put("text", text).encode());
    assertThat(reply.status()).as(reply.body()).isEqualTo(201);
  }

  private static Reply post(String path, String body) {
    return gateway.call("POST", "/api/v1/" + path, alice, body);
  }

  private static void eventually(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }
}
