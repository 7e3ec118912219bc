package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.BeforeHandshake;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.TlsSettings;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpLimitsTest extends HttpDoorFixture {
  @Test
  void oneConnectionTooManyIsToldSoAtItsFirstRequestAndThenClosed() throws IOException {
    await(door.open());
    try (Socket first = door.connect();
        Socket second = door.connect()) {
      assertThat(HttpDoors.ask(first)).startsWith("HTTP/1.1 200");
      assertThat(HttpDoors.ask(second)).startsWith("HTTP/1.1 200");
      try (Socket third = door.connect()) {
        third.getOutputStream().write(HttpDoors.ASK.getBytes(StandardCharsets.US_ASCII));

        String answer = new String(third.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(answer)
            .startsWith("HTTP/1.1 429")
            .containsIgnoringCase("Retry-After: 1")
            .containsIgnoringCase("Content-Type: application/problem+json")
            .contains("\"code\":\"too-many-connections\"", "2 connections are open");
      }
      assertThat(HttpDoors.ask(first)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void oneConnectionTooManyThatAsksNothingIsClosed() throws IOException {
    await(door.open());
    try (Socket first = door.connect();
        Socket second = door.connect()) {
      HttpDoors.ask(first);
      HttpDoors.ask(second);
      try (Socket third = door.connect()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void aConnectionThatIsGoneMakesRoomForAnother() throws IOException {
    await(door.open());
    try (Socket first = door.connect()) {
      HttpDoors.ask(first);
      try (Socket second = door.connect()) {
        HttpDoors.ask(second);
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> {
                try (Socket third = door.connect()) {
                  assertThat(HttpDoors.ask(third)).startsWith("HTTP/1.1 200");
                }
              });
    }
  }

  @Test
  void aWebSocketThatIsGoneMakesRoomForAnother() throws Exception {
    await(door.open());
    WebSocketClient client = doors.vertx().createWebSocketClient();
    try (Socket first = door.connect()) {
      HttpDoors.ask(first);
      for (int i = 0; i < 3 * HttpDoors.MAX_CONNECTIONS; i++) {
        WebSocket socket = await(client.connect(door.socket("http://127.0.0.1:" + door.port())));
        assertThat(door.figures().connections()).isEqualTo(2);
        await(socket.close());
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> door.figures().connections() == 1);
      }
    } finally {
      await(client.close());
    }
  }

  @Test
  void whoLetsHalfARequestWaitIsClosedAndWhoAskedOnceIsNot() throws IOException {
    door = doors.slow(Duration.ofMillis(300));
    await(door.open());
    try (Socket asked = door.connect();
        Socket half = door.connect()) {
      HttpDoors.ask(asked);
      half.getOutputStream().write("GET /health/live HTT".getBytes(StandardCharsets.US_ASCII));

      assertThat(rest(half)).satisfies(HttpLimitsTest::isTooSlow);
      assertThat(HttpDoors.ask(asked)).startsWith("HTTP/1.1 200");
      assertThat(door.figures().refused()).isEqualTo(Map.of("too-slow", 1L));
      // The same holds for each header that follows.
      asked.getOutputStream().write("GET /health/live HTT".getBytes(StandardCharsets.US_ASCII));
      assertThat(rest(asked)).satisfies(HttpLimitsTest::isTooSlow);
    }
  }

  private static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void isTooSlow(String answer) {
    assertThat(answer)
        .startsWith("HTTP/1.1 408 Request Timeout\r\n")
        .containsIgnoringCase("Content-Type: application/problem+json")
        .containsIgnoringCase("Connection: close")
        .contains("\"code\":\"too-slow\"");
  }

  @Test
  void whoSaysNothingIsClosedWithoutAWordAsNothingWasAsked() throws IOException {
    door = doors.slow(Duration.ofMillis(300));
    await(door.open());
    try (Socket silent = door.connect()) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(door.figures().refused()).isEqualTo(Map.of("too-slow", 1L));
    }
  }

  @Test
  void aBodyThatComesByteByByteIsNotWaitedForAndOneThatIsMerelyLongIs() throws Exception {
    door = doors.slow(Duration.ofMillis(300));
    await(door.open());
    try (Socket slow = door.connect();
        Socket whole = door.connect()) {
      // Who asks for another protocol and gets none still speaks HTTP.
      slow.getOutputStream().write(HttpDoors.login("Content-Length: 60000\nUpgrade: none"));
      whole.getOutputStream().write(HttpDoors.login(60_000));
      Thread bytes = Thread.ofVirtual().start(() -> trickle(slow));
      whole.getOutputStream().write("x".repeat(50_000).getBytes(StandardCharsets.US_ASCII));

      assertThat(rest(slow)).satisfies(HttpLimitsTest::isTooSlow);
      assertThat(door.figures().refused()).isEqualTo(Map.of("too-slow", 1L));
      whole.getOutputStream().write("x".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
      assertThat(HttpDoors.answer(whole)).startsWith("HTTP/1.1 400");
      bytes.join();
    }
  }

  private static void trickle(Socket socket) {
    try {
      while (true) {
        socket.getOutputStream().write('x');
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
    } catch (IOException closed) {
      // As it should be.
    }
  }

  @Test
  void itsLimitsHoldBeforeTheHandshake(@TempDir Path folder) throws IOException {
    TlsSettings tls = BeforeHandshake.settings(folder);
    door = doors.tls(tls, Duration.ofSeconds(2));
    await(door.open());

    BeforeHandshake.check(tls, door.port(), HttpDoors.MAX_CONNECTIONS, door::figures);
  }

  @Test
  void whoAsksTooOftenIsToldToWaitAndServedInTheNextSecond() throws IOException {
    await(door.open());
    try (Socket often = door.connect()) {
      String burst = HttpDoors.ASK.repeat(3 * HttpDoors.MAX_REQUESTS);
      often.getOutputStream().write(burst.getBytes(StandardCharsets.US_ASCII));
      List<String> answers = new ArrayList<>();
      for (int i = 0; i < 3 * HttpDoors.MAX_REQUESTS; i++) {
        answers.add(HttpDoors.answer(often));
      }

      assertThat(answers.subList(0, HttpDoors.MAX_REQUESTS))
          .allMatch(each -> each.contains(" 200 "));
      assertThat(answers)
          .filteredOn(each -> each.contains(" 429 "))
          .isNotEmpty()
          .allMatch(each -> each.contains("\"code\":\"too-many-requests\""))
          .allMatch(each -> each.toLowerCase(Locale.ROOT).contains("retry-after: 1"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> HttpDoors.ask(often).startsWith("HTTP/1.1 200"));
    }
  }

  @Test
  void whatWentThroughIsCounted() throws IOException {
    await(door.open());
    try (Socket first = door.connect();
        Socket second = door.connect()) {
      HttpDoors.ask(first);
      HttpDoors.ask(first);
      HttpDoors.ask(second);
      assertThat(door.figures().connections()).isEqualTo(2);
      try (Socket third = door.connect()) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
    }

    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(door.figures())
                    .isEqualTo(
                        new DoorCounts.Figures(0, 3, 3, Map.of("too-many-connections", 1L))));
  }
}
