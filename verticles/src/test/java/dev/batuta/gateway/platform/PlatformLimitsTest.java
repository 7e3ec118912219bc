package dev.batuta.gateway.platform;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.BeforeHandshake;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.json.JsonObject;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bounds connections, and who may come in. */
class PlatformLimitsTest extends PlatformFixture {
  @Test
  void noWorkerSendsThisNodeToAnotherHost() {
    JsonObject elsewhere =
        message("register_worker").put("worker_id", "x").put("host", "10.9.9.9").put("port", 80);
    JsonObject answer = ask(elsewhere);
    assertThat(answer.getBoolean("ok")).isFalse();
    assertThat(answer.getString("error")).isEqualTo("forbidden");
    assertThat(answer.getString("message")).contains("10.9.9.9", "127.0.0.1");
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static JsonObject answer(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    JsonObject answer =
        new JsonObject(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
    assertThat(in.read()).as("the connection ends").isEqualTo(-1);
    return answer;
  }

  private static byte[] frame(JsonObject message) {
    byte[] body = message.encode().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).array();
  }

  /** As nc -N, socat and CloseWrite of Go end theirs. */
  @Test
  void aClientThatEndsItsSideAfterItsRequestIsAnswered() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(frame(message("auth").put("username", "bob").put("password", "password2")));
      socket.shutdownOutput();
      assertThat(answer(socket).getString("token")).isNotEmpty();
    }
  }

  @Test
  void aClientThatEndsItsSideBeforeIsNotWaitedFor() throws IOException {
    try (Socket silent = connect();
        Socket brokenOff = connect()) {
      silent.shutdownOutput();
      assertThat(silent.getInputStream().read()).as("the connection ends").isEqualTo(-1);
      brokenOff.getOutputStream().write(frame(message("auth")), 0, 10);
      brokenOff.shutdownOutput();
      assertThat(answer(brokenOff).getString("error")).isEqualTo("malformed_json");
    }
    assertThat(counts.figures().refused()).doesNotContainKey("too-slow");
    Awaitility.await().until(() -> counts.figures().connections() == 0);
  }

  private JsonObject exchange(int length, byte[] body) throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(ByteBuffer.allocate(4 + body.length).putInt(length).put(body).array());
      return answer(socket);
    }
  }

  @Test
  void whatIsNoMessageIsRefusedAndTheDoorGoesOn() throws IOException {
    assertThat(exchange(-1, new byte[0]).getString("error")).isEqualTo("too_large");
    assertThat(exchange(1 << 30, new byte[10]).getString("message"))
        .contains("1073741824", "65536");
    assertThat(exchange(0, new byte[0]).getString("error")).isEqualTo("malformed_json");
    assertThat(exchange(3, new byte[] {'{', '}', (byte) 0xff}).getString("error"))
        .isEqualTo("malformed_json");
    byte[] deep = "[".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
    JsonObject tooDeep = exchange(deep.length, deep);
    assertThat(tooDeep.getString("error")).isEqualTo("too_large");
    assertThat(tooDeep.getString("message")).isEqualTo(JsonBounds.SENTENCE);
    assertThat(exchange(100, new byte[] {'{'}).getString("error")).isEqualTo("too_slow");
    assertThat(login("alice", "password1")).isNotEmpty();
    assertThat(counts.figures().refused()).containsKeys("too-large", "malformed-json", "too-slow");
  }

  @Test
  void noPasswordIsRepeatedToWhoSendsItWrongly() throws IOException {
    for (String password : List.of("s3cre7", "{\"x\":s3cre7}", "[\"s3cre7\"]", "s3cre7\"")) {
      String login = "{\"type\":\"auth\",\"username\":\"bob\",\"password\":" + password + "}";
      byte[] body = login.getBytes(StandardCharsets.US_ASCII);
      JsonObject refused = exchange(body.length, body);
      assertThat(refused.getBoolean("ok")).as(password).isFalse();
      assertThat(refused.encode()).doesNotContain("s3cre7");
    }
  }

  @Test
  void anAddressThatSendsMoreThanItMayIsToldSoOverAllItsConnections() throws IOException {
    PlatformDoor slow = door(0, new AllowedHosts(List.of()), 1, Optional.empty());
    await(slow.open());
    int port = Objects.requireNonNull(slow.ports().get("platform"));
    List<Socket> sockets = new ArrayList<>();
    List<String> told = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        socket.getOutputStream().write(frame(message("list_tasks")));
      }
      for (Socket socket : sockets) {
        told.add(answer(socket).getString("error"));
        socket.close();
      }
      assertThat(told).contains("busy").contains("unknown_type").hasSize(10);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
      await(slow.close());
    }
  }

  @Test
  void withTlsItAnswersOverThatAndNothingElse(@TempDir Path folder) throws IOException {
    TestCertificate own = TestCertificate.in(folder);
    PlatformDoor secret =
        door(
            0,
            new AllowedHosts(List.of()),
            MESSAGES_PER_SECOND,
            Optional.of(new TlsSettings(own.certificate(), own.key())));
    await(secret.open());
    int port = Objects.requireNonNull(secret.ports().get("platform"));
    byte[] asks = "{\"type\":\"list_tasks\"}".getBytes(StandardCharsets.US_ASCII);
    byte[] frame = ByteBuffer.allocate(4 + asks.length).putInt(asks.length).put(asks).array();
    try (Socket trusting = own.connect(port);
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
      trusting.getOutputStream().write(frame);
      assertThat(answer(trusting).getString("error")).isEqualTo("unknown_type");
      plain.setSoTimeout(10_000);
      plain.getOutputStream().write(frame);
      assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .doesNotContain("unknown_type");
    } finally {
      await(secret.close());
    }
  }

  @Test
  void itsLimitsHoldBeforeTheHandshake(@TempDir Path folder) throws IOException {
    TlsSettings tls = BeforeHandshake.settings(folder);
    DoorCounts own = new DoorCounts();
    PlatformDoor secret =
        door(0, new AllowedHosts(List.of()), MESSAGES_PER_SECOND, Optional.of(tls), own);
    await(secret.open());
    try {
      int port = Objects.requireNonNull(secret.ports().get("platform"));
      BeforeHandshake.check(tls, port, MAX_CONNECTIONS, own::figures);
    } finally {
      await(secret.close());
    }
  }

  @Test
  void whoOnlyOpensConnectionsKeepsNobodyOut() throws IOException {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_CONNECTIONS; i++) {
        open.add(connect());
      }
      Awaitility.await().until(() -> counts.figures().connections() == MAX_CONNECTIONS);
      byte[] asks = "{\"type\":\"x\"}".getBytes(StandardCharsets.US_ASCII);

      assertThat(exchange(asks.length, asks).getString("error")).isEqualTo("unknown_type");

      assertThat(answer(open.getFirst()).getString("error"))
          .as("the first gave way")
          .isEqualTo("too_many_connections");
      assertThat(counts.figures().refused()).containsKey("too-many-connections");
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void halfFramesAreHeldWithinBoundsAndGivenBackWithTheirConnections() throws IOException {
    byte[] half = ByteBuffer.allocate(60_000).putInt(MAX_BYTES).array();
    int most = HELD_BYTES / half.length;
    for (int round = 1; round <= 3; round++) {
      long refused = (long) round * (10 - most);
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Socket socket = connect();
        sockets.add(socket);
        socket.getOutputStream().write(half);
      }
      Awaitility.await()
          .until(() -> counts.figures().refused().getOrDefault("busy", 0L) == refused);
      List<String> told = new ArrayList<>();
      for (Socket socket : sockets) {
        if (round == 1) {
          told.add(answer(socket).getString("error"));
        }
        socket.close();
      }
      assertThat(told).filteredOn("busy"::equals).hasSize(round == 1 ? 10 - most : 0);
      Awaitility.await().until(() -> counts.figures().connections() == 0);
    }
  }
}
