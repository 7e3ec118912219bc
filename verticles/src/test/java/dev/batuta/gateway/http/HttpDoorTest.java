package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.BareGateway;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HttpDoorTest {
  private static final int MAX_CONNECTIONS = 2;
  private static final String ASK = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";

  private static final TestDatabase DATABASE = TestDatabase.fresh();
  private static final TestCluster CLUSTER = TestCluster.start("server-1");
  private static final TestNode NODE = CLUSTER.node("server-1");
  private static final Database CONNECTED = Database.connect(NODE.vertx(), DATABASE.address(), 2);

  private HttpDoor door = door(0);

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
      door = door(taken.getLocalPort());

      assertThatThrownBy(() -> await(door.open()))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("Port " + taken.getLocalPort());
      assertThat(door.ports()).isEmpty();
    }
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

  private static HttpDoor door(int port) {
    return new HttpDoor(
        NODE.vertx(),
        new HttpSettings(
            "127.0.0.1",
            port,
            8 << 20,
            MAX_CONNECTIONS,
            10,
            Duration.ofSeconds(90),
            Optional.empty()),
        BareGateway.of(NODE, CONNECTED, "demo"),
        () -> Readiness.READY,
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }
}
