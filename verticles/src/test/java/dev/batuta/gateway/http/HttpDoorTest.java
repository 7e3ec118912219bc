package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.cli.client.Trust;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class HttpDoorTest {
  private static final int MAX_CONNECTIONS = 2;
  private static final int MAX_REQUESTS = 20;
  private static final String ASK = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";

  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TestCluster CLUSTER = TestCluster.start("server-1");
  private static final TestNode NODE = CLUSTER.node("server-1");
  private static final Database CONNECTED = Database.connect(NODE.vertx(), DATABASE.address(), 2);

  private final DoorCounts counts = new DoorCounts();
  private HttpDoor door = door(0, Optional.empty());

  @BeforeAll
  static void seed() {
    await(new MySqlUserStore(CONNECTED).seedDemo());
  }

  @AfterAll
  static void closeAll() {
    CLUSTER.close();
    DATABASE.close();
  }

  @AfterEach
  void close() {
    await(door.close());
  }

  @Test
  void itsPortIsKnownOnceItIsOpenAndAfterwards() {
    assertThat(door.ports()).isEmpty();
    await(door.open());
    assertThat(door.ports()).containsOnlyKeys("http");
    int port = port();

    await(door.close());

    assertThat(door.ports()).containsEntry("http", port);
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void oneThatCannotHaveItsPortSaysWhichAndHasNone() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      door = door(taken.getLocalPort(), Optional.empty());

      assertThatThrownBy(() -> await(door.open()))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("Port " + taken.getLocalPort());
      assertThat(door.ports()).isEmpty();
    }
  }

  @Test
  void whoHangsUpInTheMiddleOfARequestIsNoErrorOfThisNode() throws IOException {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger web = (Logger) LoggerFactory.getLogger("io.vertx.ext.web");
    log.start();
    web.addAppender(log);
    await(door.open());
    try {
      for (int i = 0; i < 5; i++) {
        try (Socket socket = connect()) {
          String begun =
              "POST /api/v1/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 100\r\n\r\n{";
          socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
          long received = i;
          Awaitility.await().until(() -> counts.figures().received() > received);
        }
      }
      Awaitility.await().until(() -> counts.figures().connections() == 0);
    } finally {
      web.detachAppender(log);
    }
    assertThat(log.list).noneMatch(each -> each.getLevel().isGreaterOrEqual(Level.ERROR));
  }

  @Test
  void whoSendsABodyThatIsNoHttpIsClosedAndIsNoErrorOfThisNode() throws IOException {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger web = (Logger) LoggerFactory.getLogger("io.vertx.ext.web");
    log.start();
    web.addAppender(log);
    await(door.open());
    try (Socket socket = connect()) {
      String begun =
          String.join(
              "\r\n",
              "POST /api/v1/login HTTP/1.1",
              "Host: h",
              "Content-Type: application/json",
              "Transfer-Encoding: chunked",
              "",
              "no length",
              "{}",
              "");
      socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));

      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    } finally {
      web.detachAppender(log);
    }
    assertThat(log.list).noneMatch(each -> each.getLevel().isGreaterOrEqual(Level.ERROR));
  }

  @Test
  void oneConnectionTooManyIsToldSoAtItsFirstRequestAndThenClosed() throws IOException {
    await(door.open());
    try (Socket first = connect();
        Socket second = connect()) {
      assertThat(ask(first)).startsWith("HTTP/1.1 200");
      assertThat(ask(second)).startsWith("HTTP/1.1 200");
      try (Socket third = connect()) {
        third.getOutputStream().write(ASK.getBytes(StandardCharsets.US_ASCII));

        String answer = new String(third.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answer)
            .startsWith("HTTP/1.1 429")
            .containsIgnoringCase("Retry-After: 1")
            .containsIgnoringCase("Content-Type: application/problem+json")
            .contains("\"code\":\"too-many-connections\"", "2 connections are open");
      }
      assertThat(ask(first)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void oneConnectionTooManyThatAsksNothingIsClosed() throws IOException {
    await(door.open());
    try (Socket first = connect();
        Socket second = connect()) {
      ask(first);
      ask(second);
      try (Socket third = connect()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aConnectionThatIsGoneMakesRoomForAnother() throws IOException {
    await(door.open());
    try (Socket first = connect()) {
      ask(first);
      try (Socket second = connect()) {
        ask(second);
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> {
                try (Socket third = connect()) {
                  assertThat(ask(third)).startsWith("HTTP/1.1 200");
                }
              });
    }
  }

  @Test
  void aWebSocketThatIsGoneMakesRoomForAnother() throws Exception {
    await(door.open());
    WebSocketClient client = NODE.vertx().createWebSocketClient();
    try (Socket first = connect()) {
      ask(first);
      for (int i = 0; i < 3 * MAX_CONNECTIONS; i++) {
        WebSocket socket = await(client.connect(socket("http://127.0.0.1:" + port())));
        assertThat(counts.figures().connections()).isEqualTo(2);
        await(socket.close());
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> counts.figures().connections() == 1);
      }
    } finally {
      await(client.close());
    }
  }

  @Test
  void whoLetsHalfARequestWaitIsClosedAndWhoAskedOnceIsNot() throws IOException {
    door = door(0, Optional.empty(), Duration.ofMillis(300));
    await(door.open());
    try (Socket asked = connect();
        Socket half = connect()) {
      ask(asked);
      half.getOutputStream().write("GET /health/live HTT".getBytes(StandardCharsets.US_ASCII));

      assertThat(half.getInputStream().read()).isEqualTo(-1);
      assertThat(ask(asked)).startsWith("HTTP/1.1 200");
      assertThat(counts.figures().refused()).isEqualTo(Map.of("too-slow", 1L));
    }
  }

  @Test
  void whoAsksTooOftenIsToldToWaitAndServedInTheNextSecond() throws IOException {
    await(door.open());
    try (Socket often = connect()) {
      String burst = ASK.repeat(3 * MAX_REQUESTS);
      often.getOutputStream().write(burst.getBytes(StandardCharsets.US_ASCII));
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 3 * MAX_REQUESTS; i++) {
        answers.add(answer(often));
      }

      assertThat(answers.subList(0, MAX_REQUESTS)).allMatch(each -> each.contains(" 200 "));
      assertThat(answers)
          .filteredOn(each -> each.contains(" 429 "))
          .isNotEmpty()
          .allMatch(each -> each.contains("\"code\":\"too-many-requests\""))
          .allMatch(each -> each.toLowerCase(Locale.ROOT).contains("retry-after: 1"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ask(often).startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void whatWentThroughIsCounted() throws IOException {
    await(door.open());
    try (Socket first = connect();
        Socket second = connect()) {
      ask(first);
      ask(first);
      ask(second);
      assertThat(counts.figures().connections()).isEqualTo(2);
      try (Socket third = connect()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
    }

    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(counts.figures())
                    .isEqualTo(
                        new DoorCounts.Figures(0, 3, 3, Map.of("too-many-connections", 1L))));
  }

  @Test
  void withTlsItSpeaksHttpsAndNothingElse(@TempDir Path folder) throws Exception {
    TestCertificate own = TestCertificate.in(folder);
    door = door(0, Optional.of(new TlsSettings(own.certificate(), own.key())));
    await(door.open());
    URI health = URI.create("https://127.0.0.1:" + port() + "/health/live");
    HttpRequest request = HttpRequest.newBuilder(health).build();

    try (HttpClient trusting =
        HttpClient.newBuilder().sslContext(Trust.also(own.certificate())).build()) {
      HttpResponse<String> answer = trusting.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    }
    try (HttpClient strange = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> strange.send(request, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
    }
    try (Socket plain = connect()) {
      plain.getOutputStream().write(ASK.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(plain.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).doesNotContain("HTTP");
    }
  }

  @Test
  void aPageOfAnotherHostOpensNoSocketOfTheBridge() {
    await(door.open());
    WebSocketClient client = NODE.vertx().createWebSocketClient();

    Future<WebSocket> strange = client.connect(socket("http://evil.example"));
    assertThatThrownBy(() -> await(strange))
        .isInstanceOfSatisfying(
            UpgradeRejectedException.class,
            refused -> {
              assertThat(refused.getStatus()).isEqualTo(403);
              assertThat(refused.getBody().toString()).contains("\"code\":\"foreign-origin\"");
            });
    WebSocket own = await(client.connect(socket("http://127.0.0.1:" + port())));
    await(own.close());
    assertThat(counts.figures().refused()).containsEntry("foreign-origin", 1L);
  }

  @Test
  void whoIsOnTheBridgeWhenTheNodeStopsIsTold() {
    await(door.open());
    WebSocketClient client = NODE.vertx().createWebSocketClient();
    WebSocket socket = await(client.connect(socket("http://127.0.0.1:" + port())));
    Promise<JsonObject> said = Promise.promise();
    socket.handler(frame -> said.tryComplete(frame.toJsonObject()));
    await(door.close());
    assertThat(await(said.future()).getString("body")).isEqualTo("node-stops");
    await(client.close());
  }

  private WebSocketConnectOptions socket(String origin) {
    return new WebSocketConnectOptions()
        .setHost("127.0.0.1")
        .setPort(port())
        .setURI("/eventbus/websocket")
        .addHeader("Origin", origin);
  }

  private int port() {
    return Objects.requireNonNull(door.ports().get("http"));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** The first bytes of the answer, after which nothing is left to read. */
  private static String ask(Socket socket) throws IOException {
    socket.getOutputStream().write(ASK.getBytes(StandardCharsets.US_ASCII));
    return answer(socket);
  }

  private static String answer(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("}") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      answer.append((char) next);
    }
    return answer.toString();
  }

  private HttpDoor door(int port, Optional<TlsSettings> tls) {
    return door(port, tls, Duration.ofSeconds(10));
  }

  private HttpDoor door(int port, Optional<TlsSettings> tls, Duration opening) {
    return new HttpDoor(
        NODE.vertx(),
        new HttpSettings(
            "127.0.0.1",
            port,
            8 << 20,
            MAX_CONNECTIONS,
            10,
            MAX_REQUESTS,
            opening,
            Duration.ofSeconds(90),
            Optional.empty(),
            Origins.SAME_HOST,
            tls),
        BareGateway.of(NODE, CONNECTED, "demo"),
        counts,
        () -> Readiness.READY,
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }
}
