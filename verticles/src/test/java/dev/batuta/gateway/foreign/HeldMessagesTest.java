package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.HalfWebSocket;
import dev.batuta.lending.Thresholds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What connections send and do not complete is held within bounds, and given back with each end.
 */
class HeldMessagesTest {
  private static final int CONNECTIONS = 20;

  /** Of a message; sixteen of these are all that a port holds. */
  private static final int HALF_BYTES = 60_000;

  private static final ForeignFixture SERVER =
      new ForeignFixture(
          new WorkerTimes(50, 2_000, 300, 2_000),
          CONNECTIONS + 5,
          new Thresholds(100, 10, 1, Duration.ofSeconds(2)));

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  private static long busy(DoorCounts counts) {
    return counts.figures().refused().getOrDefault("busy", 0L);
  }

  private static void awaitRefused(DoorCounts counts, long refused) {
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .untilAsserted(() -> assertThat(busy(counts)).isEqualTo(refused));
  }

  private static void awaitAllGone(DoorCounts counts) {
    Awaitility.await().atMost(ForeignFixture.LONG).until(() -> counts.figures().connections() == 0);
  }

  private static Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Socket> halves() throws IOException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Socket socket = connect();
      sockets.add(socket);
      send(socket, "{\"WORKER\":\"" + "x".repeat(HALF_BYTES));
    }
    return sockets;
  }

  @Test
  void overTcpTheOneThatAsksForMoreIsToldSoAndWhatWasHeldIsThereAgainAfterEachKindOfEnd()
      throws IOException {
    DoorCounts counts = SERVER.tcp();
    long before = busy(counts);
    int refused = CONNECTIONS - 16;

    // The door ends them: of those that it did not refuse none completed its message in time.
    List<Socket> sockets = halves();
    awaitRefused(counts, before + refused);
    try (Socket other = connect()) {
      send(other, "{\"SERVER\":\"ALIVE\"}");
      byte[] answer = other.getInputStream().readNBytes(10);
      assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo("{\"SERVER\":");
    }
    List<String> told = new ArrayList<>();
    for (Socket socket : sockets) {
      told.add(rest(socket));
      socket.close();
    }
    assertThat(told).filteredOn(each -> each.contains("\"CODE\":\"busy\"")).hasSize(refused);
    assertThat(told).filteredOn(each -> each.contains("\"CODE\":\"too-slow\"")).hasSize(16);
    awaitAllGone(counts);

    // The clients hang up.
    sockets = halves();
    awaitRefused(counts, before + 2L * refused);
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitAllGone(counts);

    // They complete their messages.
    sockets = halves();
    awaitRefused(counts, before + 3L * refused);
    for (Socket socket : sockets) {
      send(socket, "\"}\n");
      assertThat(socket.getInputStream().read()).isEqualTo('{');
    }
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitAllGone(counts);

    sockets = halves();
    awaitRefused(counts, before + 4L * refused);
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitAllGone(counts);
  }

  @Test
  void overWebSocketTheFramesOfAMessageCountTogether() throws IOException {
    DoorCounts counts = SERVER.webSocket();
    int held = ForeignFixture.HELD_BYTES / HALF_BYTES;
    long before = busy(counts);
    for (int round = 1; round <= 3; round++) {
      List<HalfWebSocket> sockets = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        HalfWebSocket socket = new HalfWebSocket(SERVER.webSocketPort(), "/");
        sockets.add(socket);
        if (round == 2) {
          socket.fragment(HALF_BYTES / 2);
          socket.part(HALF_BYTES / 2, HALF_BYTES);
        } else {
          socket.part(HALF_BYTES, HALF_BYTES + 1);
        }
      }
      awaitRefused(counts, before + (long) round * (CONNECTIONS - held));
      List<String> told = new ArrayList<>();
      for (HalfWebSocket socket : sockets) {
        if (round == 1) {
          told.add(socket.rest());
        }
        socket.close();
      }
      assertThat(told)
          .filteredOn(each -> each.contains("\"CODE\":\"busy\""))
          .hasSize(round == 1 ? CONNECTIONS - held : 0);
      awaitAllGone(counts);
    }
  }

  @Test
  void whatOneDoorHoldsIsNoRoomOfTheOther() throws IOException {
    long overTcp = busy(SERVER.tcp());
    long overWebSocket = busy(SERVER.webSocket());
    List<Socket> sockets = halves();
    awaitRefused(SERVER.tcp(), overTcp + CONNECTIONS - 16);

    try (HalfWebSocket socket = new HalfWebSocket(SERVER.webSocketPort(), "/")) {
      socket.fragment(HALF_BYTES);
      socket.part(1, 1);
      assertThat(socket.rest()).contains("\"CODE\":\"malformed-json\"");
    }
    assertThat(busy(SERVER.webSocket())).isEqualTo(overWebSocket);
    for (Socket socket : sockets) {
      socket.close();
    }
    awaitAllGone(SERVER.tcp());
  }

  @Test
  void aMessageInManyFramesIsReadAndHoldsNothingWhenItIsWhole() throws IOException {
    long before = busy(SERVER.webSocket());
    for (int round = 0; round < 40; round++) {
      try (HalfWebSocket socket = new HalfWebSocket(SERVER.webSocketPort(), "/")) {
        socket.fragment(HALF_BYTES / 3);
        socket.fragment(HALF_BYTES / 3);
        socket.part(HALF_BYTES / 3, HALF_BYTES / 3);
        socket.text("{\"SERVER\":\"ALIVE\"}");
      }
    }
    awaitAllGone(SERVER.webSocket());
    assertThat(busy(SERVER.webSocket())).isEqualTo(before);
  }
}
