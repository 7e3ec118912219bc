package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whose stream of events carries which direct messages, and nobody else's. */
class DirectMessageStreamsTest extends GatewayCalls {
  private String carol;

  @BeforeAll
  void names() {
    carol = gateway.token("carol", "pwd3");
    post("channels", alice, "{\"name\":\"geral\"}");
    for (String token : List.of(alice, bob, carol)) {
      String user = token.equals(alice) ? "Alice" : token.equals(bob) ? "bob" : "carol";
      assertThat(post("users", token, new JsonObject().put("name", user).encode()).status())
          .isEqualTo(201);
    }
  }

  /** One message as a stream carries it. */
  private record Heard(String id, JsonObject message) {
    String text() {
      return message.getString("text");
    }
  }

  /** An open stream of messages. */
  private final class Stream implements AutoCloseable {
    private final BufferedReader reader;

    Stream(String query, String token, @Nullable String lastEventId) {
      HttpResponse<InputStream> response = ask(query, token, lastEventId);
      assertThat(response.statusCode()).isEqualTo(200);
      reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** All messages up to the one with this text. */
    List<Heard> until(String last) {
      List<Heard> heard = new ArrayList<>();
      String id = "";
      try {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("data: ")) {
            heard.add(new Heard(id, new JsonObject(line.substring(6))));
            if (heard.getLast().text().equals(last)) {
              return heard;
            }
          }
        }
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
      throw new AssertionError("the stream ended after " + heard);
    }

    List<String> texts(String last) {
      return until(last).stream().map(Heard::text).toList();
    }

    @Override
    public void close() {
      try {
        reader.close();
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }

  private HttpResponse<InputStream> ask(String query, String token, @Nullable String lastEventId) {
    String url = "http://127.0.0.1:" + gateway.port() + "/api/v1/events?" + query;
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    request.header("Authorization", "Bearer " + token);
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    return gateway
        .client()
        .sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
        .join();
  }

  @Test
  void bothEndsGetADirectMessageLiveAndNobodyElseDoes() {
    try (Stream ofAlice = new Stream("types=messages", alice, null);
        Stream ofBob = new Stream("types=messages", bob, null);
        Stream ofCarol = new Stream("types=messages", carol, null);
        Stream ofAdmin = new Stream("types=messages", admin, null);
        Stream ofAdminAsCarol = new Stream("types=messages&user=carol", admin, null)) {
      tell(alice, "bob", "a secret");
      say("to all");

      assertThat(ofAlice.texts("to all")).containsExactly("a secret", "to all");
      List<Heard> heard = ofBob.until("to all");
      assertThat(heard).hasSize(2);
      assertThat(heard.getFirst().message().fieldNames())
          .containsExactlyInAnyOrder("id", "from", "to", "user", "text", "clock", "time", "origin");
      assertThat(heard.getFirst().message().getString("from")).isEqualTo("Alice");
      assertThat(heard.getFirst().message().getString("to")).isEqualTo("bob");
      for (Stream other : List.of(ofCarol, ofAdmin, ofAdminAsCarol)) {
        assertThat(other.texts("to all")).containsExactly("to all");
      }
    }
  }

  @Test
  void aBreakIsResumedWithWhatWasMissedAndTheIdOfAnotherOpensNothing() {
    String seen;
    try (Stream stream = new Stream("types=messages", bob, null)) {
      tell(alice, "bob", "seen");
      seen = stream.until("seen").getLast().id();
    }
    tell(alice, "bob", "missed");
    tell(bob, "Alice", "answered");
    say("after the break");

    try (Stream again = new Stream("types=messages", bob, seen);
        Stream thief = new Stream("types=messages", carol, seen);
        Stream ofAdmin = new Stream("types=messages", admin, seen)) {
      assertThat(again.texts("after the break"))
          .containsExactly("missed", "answered", "after the break");
      assertThat(thief.texts("after the break")).containsExactly("after the break");
      assertThat(ofAdmin.texts("after the break")).containsExactly("after the break");
    }
  }

  @Test
  void anAdminNamesAUserByAnySpellingAndIsToldOfOneThatThereIsNot() {
    try (Stream stream = new Stream("types=messages&user=%20BOB", admin, null)) {
      tell(alice, "bob", "for bob");
      tell(alice, "carol", "for carol");
      say("end of bob's");
      assertThat(stream.texts("end of bob's")).containsExactly("for bob", "end of bob's");
    }
    assertThat(refused("types=messages&user=nobody", admin, 404))
        .contains("user-not-found")
        .contains("nobody");
    // Its own name it need not have registered to follow it.
    new Stream("types=messages&user=admin", admin, null).close();
  }

  @Test
  void aUserThatNamesAnotherIsRefusedAndMayNameItself() {
    assertThat(refused("types=messages&user=alice", bob, 403)).contains("forbidden");
    assertThat(refused("types=coordinator&user=alice", bob, 403)).contains("forbidden");
    try (Stream stream = new Stream("types=messages&user=Bob", bob, null)) {
      tell(alice, "bob", "to himself");
      assertThat(stream.texts("to himself")).containsExactly("to himself");
    }
  }

  @Test
  void aStreamOfOneChannelCarriesThatChannelOnly() {
    try (Stream stream = new Stream("types=messages&channel=geral", bob, null)) {
      tell(alice, "bob", "beside the channel");
      say("in the channel");
      assertThat(stream.texts("in the channel")).containsExactly("in the channel");
    }
  }

  @Test
  void withoutATokenNobodyGetsMessagesWhateverUserIsNamed() {
    String path = "/api/v1/events?user=bob&types=";
    assertThat(gateway.call("GET", path + "messages", null, null).status()).isEqualTo(401);
    tell(alice, "bob", "not for strangers");
    URI all = URI.create("http://127.0.0.1:" + gateway.port() + path);
    HttpResponse<InputStream> open =
        gateway
            .client()
            .sendAsync(
                HttpRequest.newBuilder(all).build(), HttpResponse.BodyHandlers.ofInputStream())
            .join();
    assertThat(open.statusCode()).isEqualTo(200);
    try (var reader =
        new BufferedReader(new InputStreamReader(open.body(), StandardCharsets.UTF_8))) {
      List<String> lines = new ArrayList<>();
      gateway.announce(77);
      for (String line = reader.readLine(); !line.contains("\"epoch\":77"); ) {
        lines.add(line);
        line = reader.readLine();
      }
      assertThat(lines).noneMatch(line -> line.contains("messages"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Test
  void theBridgeCarriesChannelMessagesOnlyWhoeverAsks() {
    List<JsonObject> frames = new CopyOnWriteArrayList<>();
    WebSocketClient client = gateway.vertx().createWebSocketClient();
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(gateway.port())
            .setURI("/eventbus/websocket")
            .addHeader("Cookie", "batuta_token=" + bob);
    WebSocket socket = await(client.connect(options));
    socket.handler(frame -> frames.add(frame.toJsonObject()));
    socket.writeTextMessage(register("events.messages"));
    socket.writeTextMessage(register("events.nodes"));
    eventually(() -> frames.stream().anyMatch(f -> "rec".equals(f.getString("type"))));

    tell(alice, "bob", "not over the bridge");
    say("over the bridge");

    eventually(() -> frames.stream().anyMatch(f -> f.encode().contains("\"over the bridge\"")));
    assertThat(frames).noneMatch(f -> f.encode().contains("not over the bridge"));
    await(client.close());
  }

  private static String register(String address) {
    return new JsonObject().put("type", "register").put("address", address).encode();
  }

  private static void eventually(java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  private String refused(String query, String token, int status) {
    // Looked at before it is read: a stream that opens has no end.
    HttpResponse<InputStream> response = ask(query, token, null);
    try (InputStream body = response.body()) {
      assertThat(response.statusCode()).as(query).isEqualTo(status);
      assertThat(body.readAllBytes()).isNotEmpty();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    return gateway.call("GET", "/api/v1/events?" + query, token, null).body();
  }

  private void tell(String token, String to, String text) {
    String body = new JsonObject().put("to", to).put("text", text).encode();
    assertThat(post("messages", token, body).status()).isEqualTo(201);
  }

  private void say(String text) {
    String body = new JsonObject().put("text", text).encode();
    assertThat(post("channels/geral/messages", alice, body).status()).isEqualTo(201);
  }
}
