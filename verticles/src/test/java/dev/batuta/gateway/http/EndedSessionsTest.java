package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import io.vertx.core.Promise;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is open for a token that is good no more, though it has not expired. */
class EndedSessionsTest extends GatewayCalls {
  private int port;

  @BeforeAll
  void open() {
    port = gateway.open(gateway.server.rechecking(Duration.ofMillis(100)), 1 << 20, 0);
  }

  @Test
  void aStreamEndsWhenTheKeyOfItsTokenIsDeleted() {
    String token = ofItsOwnKey();
    String another = ofItsOwnKey();
    try (Stream<String> _ = stream(another)) {
      CompletableFuture<List<String>> lines = all(stream(token));

      delete(token);

      assertThat(end(lines.join()).getString("code"))
          .isEqualTo("token-invalid")
          .isEqualTo(gateway.call(port, "GET", "/api/v1/tasks", token, null).text("code"));
      assertThat(gateway.call(port, "GET", "/api/v1/tasks", another, null).status()).isEqualTo(200);
    }
  }

  @Test
  void aStreamEndsWhenItsUserIsGivenAnotherPassword() {
    String password = "{\"user\":\"dora\",\"password\":\"her secret\"}";
    post("logins", admin, password);
    String token = post("login", null, password).text("token");
    CompletableFuture<List<String>> lines = all(stream(token));

    post("logins", admin, "{\"user\":\"dora\",\"password\":\"another one\"}");

    JsonObject end = end(lines.join());
    Reply refused = gateway.call(port, "GET", "/api/v1/tasks", token, null);
    assertThat(refused.status()).isEqualTo(401);
    assertThat(end)
        .isEqualTo(
            new JsonObject().put("code", "token-expired").put("detail", refused.text("detail")));
    assertThat(refused.text("detail")).contains("The password of \"dora\" was set anew");
  }

  @Test
  void aSocketOfSockJsEndsWhenTheKeyOfItsTokenIsDeleted() {
    String token = ofItsOwnKey();
    List<JsonObject> frames = new CopyOnWriteArrayList<>();
    Promise<Void> closed = Promise.promise();
    WebSocketClient client = gateway.vertx().createWebSocketClient();
    WebSocket socket =
        await(
            client.connect(
                new WebSocketConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setURI("/eventbus/websocket")
                    .addHeader("Cookie", "batuta_token=" + token)));
    socket.handler(each -> frames.add(each.toJsonObject()));
    socket.closeHandler(gone -> closed.tryComplete());

    delete(token);

    await(closed.future());
    assertThat(frames).singleElement().returns("token-invalid", each -> each.getString("body"));
    await(client.close());
  }

  /** A token of alice's, and a key that has signed no other; the keys of others stay. */
  private String ofItsOwnKey() {
    await(gateway.server.users().keys().rotate());
    String token = gateway.server.token(ServerFixture.ALICE, Duration.ofHours(1));
    await(gateway.server.users().keys().rotate());
    return token;
  }

  private void delete(String token) {
    await(
        gateway
            .server
            .database()
            .database()
            .update(
                "DELETE FROM signing_key WHERE id = ?",
                Tuple.of(Integer.valueOf(DoorsAndKeysTest.keyId(token)))));
  }

  private Stream<String> stream(String token) {
    HttpResponse<Stream<String>> response =
        gateway
            .client()
            .sendAsync(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/v1/events?types=messages"))
                    .header("Authorization", "Bearer " + token)
                    .build(),
                HttpResponse.BodyHandlers.ofLines())
            .join();
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  /** All lines, at the end of the stream, which is not waited for longer than a while. */
  private static CompletableFuture<List<String>> all(Stream<String> stream) {
    return CompletableFuture.supplyAsync(stream::toList)
        .orTimeout(10, TimeUnit.SECONDS)
        .whenComplete((lines, late) -> stream.close());
  }

  private static JsonObject end(List<String> lines) {
    int end = lines.indexOf("event: end");
    assertThat(end).as(lines.toString()).isNotNegative();
    return new JsonObject(lines.get(end + 1).substring("data: ".length()));
  }
}
