package dev.batuta.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.cli.client.FakeServer.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFeedTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String TWO =
      """
      event: messages
      id: i8
      data: {"text":"two"}

      """;

  @TempDir Path home = Path.of(".");

  @Test
  void aStreamThatEndsGoesOnAtAnotherServerBehindTheLastEventAndTheEndIsNoEvent()
      throws IOException {
    String first =
        """
        event: messages
        id: i7
        data: {"text":"one"}

        event: end
        data: {"code":"feed-lost","detail":"It broke."}

        """;
    List<String> remarks = new CopyOnWriteArrayList<>();
    try (var broken = new FakeServer(asked -> new Reply(200, first));
        var whole = new FakeServer(asked -> new Reply(200, TWO));
        var feed = EventFeed.follow(api(broken.url(), whole.url()), "/events", remarks::add)) {
      assertThat(text(feed)).contains("one");
      assertThat(text(feed)).contains("two");
      assertThat(broken.asked).hasSize(1);
      assertThat(whole.asked.getFirst().lastEventId()).isEqualTo("i7");
      assertThat(remarks).contains("It broke.");
      assertThat(feed.openings()).isEqualTo(2);
    }
  }

  /** It is asked for elsewhere first: it may only be late here. */
  @Test
  void aPlaceThatNoServerHasAnyMoreIsGivenUpAndTheFeedGoesOnFromNow() throws IOException {
    String lost =
        """
        event: coordinator
        id: i7
        data: {"text":"state"}

        event: end
        data: {"code":"position-lost","detail":"It is not here."}

        """;
    var connections = new AtomicInteger();
    List<String> remarks = new CopyOnWriteArrayList<>();
    try (var server =
            new FakeServer(
                asked ->
                    new Reply(
                        200,
                        asked.lastEventId() == null && connections.incrementAndGet() > 1
                            ? TWO
                            : lost));
        var feed = EventFeed.follow(api(server.url()), "/events", remarks::add)) {
      for (int asked = 0; asked < EventFeed.MOST_LOST; asked++) {
        assertThat(text(feed)).contains("state");
      }
      assertThat(text(feed)).contains("two");
      assertThat(server.asked.stream().map(FakeServer.Asked::lastEventId))
          .startsWith(null, "i7", "i7", null);
      assertThat(remarks).filteredOn(remark -> remark.contains("going on from now")).hasSize(1);
    }
  }

  @Test
  void aStreamThatEndsBeforeItsFirstEventGoesOnFromThePlaceThatItWasGiven() throws IOException {
    var connections = new AtomicInteger();
    try (var server =
            new FakeServer(
                asked ->
                    new Reply(
                        200, connections.incrementAndGet() == 1 ? "retry: 1\nid: i0\n\n" : TWO));
        var feed = EventFeed.follow(api(server.url()), "/events", remark -> {})) {
      assertThat(feed.awaitPlace(LONG)).isTrue();
      assertThat(text(feed)).contains("two");
      assertThat(server.asked.get(1).lastEventId()).isEqualTo("i0");
    }
  }

  @Test
  void anEventOfWhichThePlaceCameButNotTheEndIsAskedForAgain() throws IOException {
    var connections = new AtomicInteger();
    String half = "id: i7\ndata: {\"text\":\"one\"}\n\nid: i8\ndata: {\"text\":\"two\"}\n";
    try (var server =
            new FakeServer(
                asked -> new Reply(200, connections.incrementAndGet() == 1 ? half : TWO));
        var feed = EventFeed.follow(api(server.url()), "/events", remark -> {})) {
      assertThat(text(feed)).contains("one");
      assertThat(text(feed)).contains("two");
      assertThat(server.asked.get(1).lastEventId()).isEqualTo("i7");
    }
  }

  @Test
  void onceItWasOpenRefusalsThatPassDoNotEndItAndOthersDo() throws IOException {
    var connections = new AtomicInteger();
    try (var server =
            new FakeServer(
                asked ->
                    switch (connections.incrementAndGet()) {
                      case 1 -> new Reply(200, "id: i7\n\n");
                      case 2 -> refusal(503, "server-starting");
                      case 3 -> refusal(404, "channel-not-found");
                      case 4 -> new Reply(200, TWO);
                      default -> refusal(400, "position-invalid");
                    });
        var feed = EventFeed.follow(api(server.url()), "/events", remark -> {})) {
      assertThat(text(feed)).contains("two");
      assertThatThrownBy(() -> feed.next(LONG)).hasMessage("position-invalid");
    }
  }

  @Test
  void aRefusalAtTheStartEndsIt() throws IOException {
    try (var server = new FakeServer(asked -> refusal(404, "channel-not-found"));
        var feed = EventFeed.follow(api(server.url()), "/events", remark -> {})) {
      assertThatThrownBy(() -> feed.awaitPlace(LONG)).hasMessage("channel-not-found");
      assertThat(feed.isOpen()).isFalse();
    }
  }

  @Test
  void aServerThatHangsIsLeftThoughItsConnectionStaysOpen() throws IOException {
    try (var hanging = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        var living = new FakeServer(asked -> new Reply(200, TWO))) {
      Thread.ofVirtual().start(() -> beginAndSayNothingMore(hanging));
      var api = api("http://127.0.0.1:" + hanging.getLocalPort(), living.url());
      try (var feed = EventFeed.follow(api, "/events", remark -> {}, Duration.ofMillis(500))) {
        assertThat(text(feed)).contains("one");
        assertThat(text(feed)).contains("two");
        assertThat(living.asked.getFirst().lastEventId()).isEqualTo("i7");
      }
    }
  }

  /** Answers each request with one event, and keeps the connection. */
  private static void beginAndSayNothingMore(ServerSocket server) {
    try (var connection = server.accept();
        var lines =
            new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          var event = "id: i7\ndata: {\"text\":\"one\"}\n\n";
          var answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + event;
          connection.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      // the client, or the test, has left
    }
  }

  private static String text(EventFeed feed) {
    return feed.next(LONG).orElseThrow().data();
  }

  private static Reply refusal(int status, String code) {
    return new Reply(
        status, "{\"status\":%d,\"code\":\"%s\",\"detail\":\"%s\"}".formatted(status, code, code));
  }

  private Api api(String... servers) {
    var store = new TokenStore(home.resolve("tokens.json"));
    return new Api(List.of(servers), new TokenChoice("t", null, store, Optional.empty()));
  }
}
