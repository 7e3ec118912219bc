package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What each client keeps to, and is told when it does not. */
class LimitsTest {
  private static final ForeignFixture SERVER =
      new ForeignFixture(
          new WorkerTimes(50, 2_000, 300, 2_000),
          20,
          new dev.batuta.lending.Thresholds(100, 10, 1, Duration.ofSeconds(2)));

  private final Python python = Python.start("sockets.py");

  @AfterAll
  static void closeAll() {
    SERVER.close();
  }

  @AfterEach
  void hangUp() {
    python.close();
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(
            () ->
                SERVER.tcp().figures().connections() == 0
                    && SERVER.webSocket().figures().connections() == 0);
  }

  private void expectRefusal(String connection, String code) {
    assertThat(python.hears(connection).getString("CODE")).isEqualTo(code);
  }

  @Test
  void noiseIsRefusedAndAfterTooMuchOfItTheConnectionIsClosed() {
    python.connect("a", "tcp", SERVER.tcpPort());
    for (int i = 0; i < 8; i++) {
      python.line("a", "GET / HTTP/1.1");
      expectRefusal("a", "malformed-json");
    }
    assertThat(python.reads("a")).isEqualTo("CLOSED");
  }

  @Test
  void whatIsTooLargeOrTooDeepIsRefusedAndEndsTheConnection() {
    python.connect("a", "tcp", SERVER.tcpPort());
    python.line("a", "{\"WORKER\":\"" + "x".repeat(70_000) + "\"}");
    expectRefusal("a", "too-large");
    assertThat(python.reads("a")).isEqualTo("CLOSED");
    python.connect("b", "tcp", SERVER.tcpPort());
    python.line("b", "{\"WORKER\":" + "[".repeat(100));
    expectRefusal("b", "too-large");
    assertThat(python.reads("b")).isEqualTo("CLOSED");
    python.connect("w", "ws", SERVER.webSocketPort());
    python.line("w", "{\"WORKER\":\"" + "x".repeat(70_000) + "\"}");
    expectRefusal("w", "too-large");
    assertThat(python.reads("w")).isEqualTo("CLOSED");
  }

  @Test
  void whatIsBeyondTheBoundsOfJsonIsToldTheSameOnBothPorts() {
    for (String beyond : List.of("[".repeat(40) + "]".repeat(40), "1".repeat(101))) {
      for (String transport : List.of("tcp", "ws")) {
        int port = transport.equals("tcp") ? SERVER.tcpPort() : SERVER.webSocketPort();
        String name = transport + beyond.length();
        python.connect(name, transport, port);
        JsonObject refused = python.asks(name, "{\"WORKER\":" + beyond + "}");
        assertThat(refused.getString("CODE")).isEqualTo("too-large");
        assertThat(refused.getString("ERROR")).isEqualTo(JsonBounds.SENTENCE);
        assertThat(python.reads(name)).isEqualTo("CLOSED");
      }
    }
  }

  @Test
  void aConnectionThatSaysNothingOrOnlyTheBeginningOfAMessageIsClosed() {
    python.connect("a", "tcp", SERVER.tcpPort());
    expectRefusal("a", "too-slow");
    assertThat(python.reads("a")).isEqualTo("CLOSED");
    python.connect("b", "tcp", SERVER.tcpPort());
    python.asks("b", "{\"WORKER\":\"ALIVE\"}");
    python.bare("b", "{\"WORKER\":");
    expectRefusal("b", "too-slow");
    assertThat(python.reads("b")).isEqualTo("CLOSED");
  }

  @Test
  void oneWhoseBytesAlwaysEndWithinAMessageIsNotTakenForASlowOne() throws IOException {
    String message = "{\"SERVER\":\"ALIVE\"}\n";
    String beginning = message.substring(0, 5);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort())) {
      socket.setSoTimeout((int) ForeignFixture.LONG.toMillis());
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      String bytes = beginning;
      long end = System.nanoTime() + 3 * ForeignFixture.OPENING.toNanos();
      while (System.nanoTime() < end) {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.UTF_8));
        if (bytes.equals(beginning)) {
          bytes = message.substring(5) + beginning;
        } else {
          assertThat(answers.readLine()).contains("RECIEVE");
        }
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos()); // its pace
      }
    }
  }

  /**
   * Its answers fill what the systems keep, which takes most of a minute at the rate that it may
   * ask, and then what the door does; it is waited for once.
   */
  @Test
  @EnabledIfSystemProperty(named = "batuta.limits", matches = "all")
  @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void oneThatAsksOnAndReadsNoAnswerIsCutOff() throws IOException {
    byte[] questions = "{\"WORKER\":\"nobody\"}".repeat(1_000).getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4 * 1024);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), SERVER.tcpPort()));
      assertThatThrownBy(
              () -> {
                while (true) {
                  socket.getOutputStream().write(questions);
                }
              })
          .isInstanceOf(IOException.class);
    }
    assertThat(SERVER.tcp().figures().refused()).containsKey("too-slow");
  }

  @Test
  void oneThatHasSpokenAndThenSaysNothingIsToldThatItWasIdle() {
    try (ForeignFixture server = new ForeignFixture(Duration.ofSeconds(1))) {
      for (String transport : List.of("tcp", "ws")) {
        int port = transport.equals("tcp") ? server.tcpPort() : server.webSocketPort();
        python.connect(transport, transport, port);
        assertThat(python.asks(transport, "{\"SERVER\":\"ALIVE\"}").getString("TASK"))
            .isEqualTo("RECIEVE");
        expectRefusal(transport, "idle");
        assertThat(python.reads(transport)).isEqualTo("CLOSED");
      }
      assertThat(server.tcp().figures().refused()).isEqualTo(Map.of("idle", 1L));
    }
  }

  @Test
  void beyondTheLimitAConnectionIsToldSo() {
    for (int i = 0; i < 20; i++) {
      python.connect("c" + i, "tcp", SERVER.tcpPort());
      python.asks("c" + i, "{\"SERVER\":\"ALIVE\"}");
    }
    python.connect("more", "tcp", SERVER.tcpPort());
    expectRefusal("more", "too-many-connections");
    assertThat(python.reads("more")).isEqualTo("CLOSED");
    python.hangUp("c0");
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> SERVER.tcp().figures().connections() == 19);
    python.connect("next", "tcp", SERVER.tcpPort());
    assertThat(python.asks("next", "{\"SERVER\":\"ALIVE\"}").getString("TASK"))
        .isEqualTo("RECIEVE");
  }

  @Test
  void webSocketsAreCountedAndGivenBack() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 20; i++) {
        python.connect("w" + i, "ws", SERVER.webSocketPort());
        python.asks("w" + i, "{\"SERVER\":\"ALIVE\"}");
      }
      for (int i = 0; i < 20; i++) {
        python.hangUp("w" + i);
      }
      Awaitility.await()
          .atMost(ForeignFixture.LONG)
          .until(() -> SERVER.webSocket().figures().connections() == 0);
    }
  }

  @Test
  void whatIsNoWebSocketOrComesFromAPageOfAnotherSiteIsRefused() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + SERVER.webSocketPort() + "/");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> plain =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      assertThat(plain.statusCode()).isEqualTo(426);
      assertThat(plain.body()).contains("invalid-request");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.webSocketPort())) {
      socket
          .getOutputStream()
          .write(
              """
              GET / HTTP/1.1
              Host: 127.0.0.1
              Upgrade: websocket
              Connection: Upgrade
              Sec-WebSocket-Version: 13
              Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
              Origin: http://evil.example

              """
                  .replace("\n", "\r\n")
                  .getBytes(StandardCharsets.UTF_8));
      socket.setSoTimeout(5_000);
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403")
          .contains("foreign-origin");
    }
  }

  @Test
  void floodsAreToldToWaitAndOthersAreServedMeanwhile() {
    python.connect("flood", "tcp", SERVER.tcpPort());
    python.connect("b", "tcp", SERVER.tcpPort());
    python.bare("flood", "{\"SERVER\":\"ALIVE\"}".repeat(3_000));
    assertThat(python.asks("b", "{\"SERVER\":\"ALIVE\"}").getString("TASK")).isEqualTo("RECIEVE");
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> SERVER.tcp().figures().refused().containsKey("busy"));
  }

  @Test
  void eachOfManyMessagesThatComeAtOnceIsAnsweredAsFastAsOneMaySend() throws IOException {
    int many = 6_000; // of 1,000 a second
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort())) {
      socket.setSoTimeout((int) ForeignFixture.LONG.toMillis());
      socket
          .getOutputStream()
          .write("{\"SERVER\":\"ALIVE\"}".repeat(many).getBytes(StandardCharsets.UTF_8));
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      Map<Boolean, Integer> heard = new HashMap<>();
      for (int i = 0; i < many; i++) {
        heard.merge(answers.readLine().contains("RECIEVE"), 1, Integer::sum);
      }
      assertThat(heard.get(true)).as("all but those before a pause").isGreaterThan(many - 10);
      assertThat(heard.get(false)).as("it is told to wait").isPositive();
    }
  }

  @Test
  void noiseOfManyConnectionsChangesNothing() {
    Random random = new Random(7);
    for (int round = 0; round < 30; round++) {
      List<Socket> sockets = new ArrayList<>();
      try {
        for (int i = 0; i < 15; i++) {
          Socket socket = new Socket(InetAddress.getLoopbackAddress(), SERVER.tcpPort());
          sockets.add(socket);
          byte[] noise = new byte[random.nextInt(2_000)];
          random.nextBytes(noise);
          socket.getOutputStream().write(noise);
        }
        python.connect("r" + round, "tcp", SERVER.tcpPort());
        assertThat(python.asks("r" + round, "{\"SERVER\":\"ALIVE\"}").getString("TASK"))
            .isEqualTo("RECIEVE");
        python.hangUp("r" + round);
        for (Socket socket : sockets) {
          socket.close();
        }
        Awaitility.await()
            .atMost(ForeignFixture.LONG)
            .until(() -> SERVER.tcp().figures().connections() == 0);
      } catch (IOException closed) {
        throw new UncheckedIOException(closed);
      }
    }
    assertThat(SERVER.audit().ok()).isTrue();
  }

  @Test
  void theOneThatGivesWayIsToldWhy() {
    for (int i = 0; i < 20; i++) {
      python.connect("silent" + i, "tcp", SERVER.tcpPort());
    }
    Awaitility.await()
        .atMost(ForeignFixture.LONG)
        .until(() -> SERVER.tcp().figures().connections() == 20);
    python.connect("speaks", "tcp", SERVER.tcpPort());
    assertThat(python.asks("speaks", "{\"SERVER\":\"ALIVE\"}").getString("TASK"))
        .isEqualTo("RECIEVE");
    expectRefusal("silent0", "too-many-connections");
    assertThat(python.reads("silent0")).isEqualTo("CLOSED");
  }
}
