package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.HalfWebSocket;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients of HTTP send and do not complete is held within bounds. */
class HeldBodiesTest extends HttpDoorFixture {
  /** One such body, or half frame, has room, and two have not. */
  private static final int LARGE = 60_000;

  @BeforeEach
  void open() {
    door = doors.holding(100_000);
    await(door.open());
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String login(Socket socket, int bytes) throws IOException {
    socket.getOutputStream().write(HttpDoors.login(bytes));
    send(socket, "x".repeat(bytes));
    return HttpDoors.answer(socket);
  }

  private static void isBusy(String answer) {
    assertThat(answer)
        .startsWith("HTTP/1.1 429")
        .containsIgnoringCase("Retry-After: 1")
        .containsIgnoringCase("Content-Type: application/problem+json")
        .contains("\"code\":\"busy\"", "100000 bytes");
  }

  private static void isRead(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 400").contains("malformed-json");
  }

  @Test
  void aBodyThatHasNoRoomIsRefusedAtOnceAndSmallOnesAndThoseThatBeganAreRead() throws IOException {
    try (Socket first = door.connect();
        Socket second = door.connect()) {
      first.getOutputStream().write(HttpDoors.login(LARGE));
      send(first, "x".repeat(100));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> isBusy(login(second, LARGE)));
      String credentials = "{\"user\":\"alice\",\"password\":\"password1\"}";
      second.getOutputStream().write(HttpDoors.login(credentials.length()));
      send(second, credentials);
      assertThat(HttpDoors.answer(second)).startsWith("HTTP/1.1 200");

      send(first, "x".repeat(LARGE - 100));
      isRead(HttpDoors.answer(first));

      isRead(login(second, LARGE));
      isRead(login(first, LARGE));
      assertThat(door.figures().refused()).containsKey("busy");
    }
  }

  @Test
  void whatOneDoorHoldsIsNoRoomOfAnother() throws IOException {
    HttpDoors.Door other = doors.holding(100_000);
    await(other.open());
    try (Socket first = door.connect();
        Socket second = door.connect();
        Socket elsewhere = other.connect()) {
      first.getOutputStream().write(HttpDoors.login(LARGE));
      send(first, "x".repeat(100));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> isBusy(login(second, LARGE)));

      isRead(login(elsewhere, LARGE));
    } finally {
      await(other.close());
    }
  }

  @Test
  void oneThatEndsInTheMiddleOfItsBodyGivesItsRoomBack() throws IOException {
    try (Socket second = door.connect()) {
      for (int round = 0; round < 3; round++) {
        try (Socket first = door.connect()) {
          first.getOutputStream().write(HttpDoors.login(LARGE));
          send(first, "x".repeat(100));
          Awaitility.await()
              .atMost(Duration.ofSeconds(10))
              .pollInterval(Duration.ofMillis(200))
              .untilAsserted(() -> isBusy(login(second, LARGE)));
        }
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .pollInterval(Duration.ofMillis(200))
            .untilAsserted(() -> isRead(login(second, LARGE)));
      }
    }
  }

  @Test
  void oneThatDoesNotSayHowLongItIsTakesRoomAsItComes() throws IOException {
    try (Socket first = door.connect();
        Socket second = door.connect()) {
      chunked(first, 2_000);
      isRead(login(second, LARGE));
      chunk(first, LARGE - 2_000);
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> isBusy(login(second, LARGE)));
      chunked(second, LARGE);
      send(second, "0\r\n\r\n");
      isBusy(HttpDoors.answer(second));

      send(first, "0\r\n\r\n");
      isRead(HttpDoors.answer(first));

      isRead(login(second, LARGE));
      chunked(second, 2 * LARGE);
      send(second, "0\r\n\r\n");
      assertThat(HttpDoors.answer(second)).startsWith("HTTP/1.1 413").contains("too-large");
      isRead(login(second, LARGE));
    }
  }

  private static void chunked(Socket socket, int bytes) throws IOException {
    socket.getOutputStream().write(HttpDoors.login("Transfer-Encoding: chunked"));
    chunk(socket, bytes);
  }

  private static void chunk(Socket socket, int bytes) throws IOException {
    send(socket, Integer.toHexString(bytes) + "\r\n" + "x".repeat(bytes) + "\r\n");
  }

  @Test
  void halfFramesOfTheBridgeShareTheRoomAndGiveItBack() throws IOException {
    for (int round = 1; round <= 3; round++) {
      List<HalfWebSocket> sockets = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        HalfWebSocket socket = new HalfWebSocket(door.port(), "/eventbus/websocket");
        sockets.add(socket);
        socket.part(LARGE, LARGE + 1);
      }
      long refused = round;
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(door.figures().refused()).containsEntry("busy", refused));
      for (HalfWebSocket socket : sockets) {
        socket.close();
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> door.figures().connections() == 0);
    }
  }
}
