package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Trace;
import dev.batuta.codec.Done;
import dev.batuta.gateway.ForeignProgram;
import dev.batuta.gateway.ServerFixture;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The event bus over SockJS, by the published client for Node and by bare frames. */
class SockJsBridgeTest {
  private static final String LIBRARY = "@vertx/eventbus-bridge-client.js@1.0.0";
  private static final Path PROGRAM = Path.of("src/test/resources/bridge/follow.js");
  private static GatewayFixture gateway;
  private static String alice;
  private static String admin;

  private final List<JsonObject> frames = new CopyOnWriteArrayList<>();
  private final Promise<Void> closed = Promise.promise();
  private WebSocketClient client;

  @BeforeAll
  static void start(@TempDir Path folder) {
    gateway = new GatewayFixture(folder);
    alice = gateway.token("alice", "password1");
    admin = gateway.token("admin", "admin");
    gateway.call("POST", "/api/v1/channels", alice, "{\"name\":\"geral\"}");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @BeforeEach
  void open() {
    client =
        gateway
            .vertx()
            .createWebSocketClient(new WebSocketClientOptions().setMaxMessageSize(4 << 20));
  }

  @AfterEach
  void hangUp() {
    await(client.close());
  }

  private static void eventually(Callable<Boolean> condition) {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  private WebSocket connect() {
    return connect(at("/eventbus/websocket"));
  }

  private WebSocket connectAs(String token) {
    WebSocketConnectOptions options = at("/eventbus/websocket");
    return connect(options.addHeader("Cookie", "batuta_token=" + token));
  }

  private static WebSocketConnectOptions at(String path) {
    return new WebSocketConnectOptions().setHost("127.0.0.1").setPort(gateway.port()).setURI(path);
  }

  private WebSocket connect(WebSocketConnectOptions options) {
    WebSocket socket = await(client.connect(options));
    socket.handler(each -> frames.addAll(said(each)));
    socket.closeHandler(gone -> closed.tryComplete());
    socket.exceptionHandler(broken -> closed.tryComplete());
    return socket;
  }

  /** A frame of the bridge as it is, or those in one of SockJS, whose others say nothing. */
  private static List<JsonObject> said(Buffer frame) {
    return switch (frame.toString().charAt(0)) {
      case '{' -> List.of(frame.toJsonObject());
      case 'a' ->
          frame.getBuffer(1, frame.length()).toJsonArray().stream()
              .map(each -> new JsonObject((String) each))
              .toList();
      default -> List.of();
    };
  }

  private static String frame(String type, String address) {
    return new JsonObject().put("type", type).put("address", address).encode();
  }

  private static void coordinator(long epoch) {
    gateway.bus().event("coordinator", new JsonObject().put("epoch", epoch));
  }

  private List<JsonObject> bodies(String address) {
    return frames.stream()
        .filter(each -> each.getString("type").equals("rec"))
        .filter(each -> each.getString("address").equals(address))
        .map(each -> each.getJsonObject("body"))
        .toList();
  }

  private List<Long> epochs() {
    return bodies("events.coordinator").stream().map(each -> each.getLong("epoch")).toList();
  }

  private List<JsonObject> refusals() {
    return frames.stream().filter(each -> each.getString("type").equals("err")).toList();
  }

  /** What this door has counted. */
  private static JsonObject figures() {
    return gateway
        .call("GET", "/api/v1/doors", admin, null)
        .json()
        .getJsonArray("items")
        .getJsonObject(0);
  }

  private static long refused(String code) {
    return figures().getJsonObject("refused").getLong(code, 0L);
  }

  @Test
  void aPageOfAnotherHostIsToldThatItMayNotAsk() throws Exception {
    for (String path : List.of("/eventbus/info", "/eventbus/websocket")) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
              .header("Origin", "http://evil.example")
              .build();
      try (HttpClient page = HttpClient.newHttpClient()) {
        HttpResponse<String> answer = page.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(path).isEqualTo(403);
        assertThat(answer.body()).contains("\"code\":\"foreign-origin\"");
      }
    }
  }

  @Test
  void thePublishedClientForNodeHearsEventsAndWhatOfItsIsRefused() {
    coordinator(50);
    String url = "http://127.0.0.1:" + gateway.port() + "/eventbus";
    try (ForeignProgram node =
        ForeignProgram.nodeWith(LIBRARY, PROGRAM, url, "events.coordinator", "events.messages")) {
      eventually(() -> !node.printed("message").isEmpty() && !node.printed("sent").isEmpty());
      coordinator(51);
      eventually(() -> node.printed("message").size() == 2);
      assertThat(node.printed("message"))
          .extracting(each -> each.getJsonObject("message").getJsonObject("body").getLong("epoch"))
          .containsExactly(50L, 51L);
      JsonObject refused = node.printed("sent").getFirst().getJsonObject("error");
      assertThat(refused.getString("message")).isEqualTo("access_denied");
      assertThat(refused.getInteger("failureCode")).isEqualTo(403);
      eventually(
          () ->
              node.printed("address").stream()
                  .anyMatch(
                      each ->
                          each.getString("address").equals("events.messages")
                              && each.getValue("error") != null));
    }
  }

  @Test
  void aClientGetsThePresentStateThenEachChangeOnceHoweverOftenItRegisters() {
    coordinator(60);
    WebSocket socket = connect();
    socket.writeTextMessage(frame("register", "events.coordinator"));
    socket.writeTextMessage(frame("register", "events.coordinator"));
    // What came before may still be the present state here.
    eventually(() -> !refusals().isEmpty() && epochs().contains(60L));
    assertThat(refusals())
        .singleElement()
        .returns("address_already_registered", each -> each.getString("body"))
        .returns("events.coordinator", each -> each.getString("address"));

    coordinator(61);
    eventually(() -> epochs().contains(61L));
    socket.writeTextMessage(frame("unregister", "events.coordinator"));
    socket.writeTextMessage(frame("unregister", "events.coordinator"));
    eventually(() -> refusals().size() == 2);
    coordinator(62);
    socket.writeTextMessage(frame("register", "events.nodes"));
    eventually(() -> !bodies("events.nodes").isEmpty());
    assertThat(epochs().subList(epochs().indexOf(60L), epochs().size())).containsExactly(60L, 61L);
    assertThat(refusals().getLast().getString("body")).isEqualTo("unknown_address");
  }

  @Test
  void nothingComesInAndEachFrameAndRefusalIsCounted() {
    JsonObject before = figures();
    long denied = refused("access-denied");
    long unreadable = refused("malformed-json");
    WebSocket socket = connect();
    socket.writeTextMessage(frame("register", "events.messages"));
    socket.writeTextMessage(frame("publish", "events.coordinator"));
    socket.writeTextMessage(frame("send", "server.server-1.tasks"));
    socket.writeTextMessage("{");
    socket.writeTextMessage(new JsonObject().put("type", "ping").encode());
    socket.writeTextMessage(frame("register", "events.nodes"));
    eventually(() -> !bodies("events.nodes").isEmpty());

    assertThat(refusals())
        .extracting(each -> each.getString("address"))
        .containsExactly("events.messages", "events.coordinator", "server.server-1.tasks", null);
    assertThat(refused("access-denied")).isEqualTo(denied + 3);
    assertThat(refused("malformed-json")).isEqualTo(unreadable + 1);
    assertThat(figures().getLong("received") - before.getLong("received"))
        .isGreaterThanOrEqualTo(6);
    assertThat(figures().getLong("sent") - before.getLong("sent")).isGreaterThanOrEqualTo(5);
  }

  @Test
  void itTracesFromTheRegistrationToTheEndOfTheSocket() {
    Trace trace = gateway.bus().trace();
    WebSocket socket = connect();
    socket.writeTextMessage(frame("register", "events.trace"));
    eventually(
        () ->
            bodies("events.trace").stream()
                .anyMatch(each -> !each.getJsonArray("events").isEmpty()));
    await(socket.close());
    eventually(
        () -> {
          gateway.bus().send("nowhere", new Done());
          return trace.drain().events().isEmpty();
        });
  }

  @Test
  void whoHasTheCookieHearsWhatChannelsSay() {
    WebSocket socket = connectAs(alice);
    socket.writeTextMessage(frame("register", "events.messages"));
    // The registration is not confirmed; the present state of the next one is.
    socket.writeTextMessage(frame("register", "events.nodes"));
    eventually(() -> !bodies("events.nodes").isEmpty());

    String text = new JsonObject().put("text", "over the bridge").encode();
    assertThat(gateway.call("POST", "/api/v1/channels/geral/messages", alice, text).status())
        .isEqualTo(201);

    eventually(() -> !bodies("events.messages").isEmpty());
    assertThat(bodies("events.messages").getFirst().getString("text")).isEqualTo("over the bridge");
  }

  @Test
  void aSocketEndsWithItsTokenAndSaysSo() {
    connectAs(gateway.server.token(ServerFixture.ALICE, Duration.ofSeconds(2)));

    await(closed.future());

    assertThat(frames).singleElement().returns("token-expired", each -> each.getString("body"));
  }

  @Test
  void aFrameAboveTheLimitEndsItsSocketWithAWord() {
    connect().writeTextMessage("x".repeat(300_000));

    await(closed.future());

    assertThat(frames).singleElement().returns("too-large", each -> each.getString("body"));
  }

  @Test
  void aMessageInOneFrameOfTheWebSocketIsTakenUpToTheSameLimit() {
    String most = new JsonObject().put("type", "none").encode();
    connect().writeFinalTextFrame(most + " ".repeat(262_144 - most.length()));

    eventually(() -> !frames.isEmpty());

    assertThat(frames).singleElement().returns("unknown_type", each -> each.getString("body"));
  }

  /** In the framing of SockJS the library has ended the session before it tells of it. */
  @ParameterizedTest
  @CsvSource({"/eventbus/websocket, 1", "/eventbus/000/session/websocket, 0"})
  void oneFrameOfTheWebSocketAboveTheLimitEndsItAndIsCounted(String path, int words) {
    long before = refused("too-large");
    long connections = figures().getLong("connections");

    connect(at(path)).writeFinalTextFrame("x".repeat(262_145));

    await(closed.future());
    assertThat(frames)
        .hasSize(words)
        .allMatch(each -> each.getString("body").equals("too-large"))
        .allMatch(each -> each.getString("detail").contains("262144"));
    eventually(() -> refused("too-large") == before + 1);
    eventually(() -> figures().getLong("connections") <= connections);
  }

  @Test
  void aFrameThatIsOneTooManyIsRefusedByItsAddress() {
    WebSocket socket = connect();
    for (int i = 0; i < 300; i++) {
      socket.writeTextMessage(frame("unregister", "address-" + i));
    }
    eventually(() -> frames.size() == 300);
    assertThat(refusals())
        .filteredOn(each -> each.getString("body").equals("busy"))
        .first()
        .returns("address-200", each -> each.getString("address"))
        .returns(429, each -> each.getInteger("failureCode"));
  }

  @Test
  void aClientThatDoesNotReadIsKeptWaitingForNothing() {
    long before = refused("too-slow");
    WebSocket socket = connect();
    socket.writeTextMessage(frame("register", "events.coordinator"));
    eventually(() -> !frames.isEmpty());
    socket.pause();
    String large = "x".repeat(1 << 20);
    for (int i = 0; i < 40; i++) {
      gateway.bus().event("coordinator", new JsonObject().put("large", large));
    }
    eventually(() -> refused("too-slow") == before + 1);
    coordinator(63);
  }
}
