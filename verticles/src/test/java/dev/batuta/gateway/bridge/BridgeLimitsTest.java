package dev.batuta.gateway.bridge;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.BeforeHandshake;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bounds a connection of the bridge, and what its end is told. */
class BridgeLimitsTest extends BridgeFixture {
  @Test
  void aFrameAboveTheLimitEndsItsConnectionWithAWord() throws IOException {
    try (Frames client = new Frames(port(door))) {
      byte[] large = new byte[4 + 2 * MAX_BYTES];
      ByteBuffer.wrap(large).putInt(2 * MAX_BYTES);
      client.bytes(large);
      JsonObject refused = client.error();
      assertThat(refused.getString("message")).isEqualTo("too-large");
      assertThat(refused.getString("detail")).contains("131072", "65536");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void aClientThatSaysNothingIsToldAndClosed() throws IOException {
    try (Frames client = new Frames(port(door))) {
      assertThat(client.error().getString("message")).isEqualTo("too-slow");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void theFrameThatIsOneTooManyIsRefusedByItsAddressAndWhatComesAfterItIsReadLater()
      throws IOException {
    BridgeDoor slow = open(server.gateway(), 10);
    try (Frames client = new Frames(port(slow))) {
      for (int i = 0; i < 25; i++) {
        client.send("unregister", "address-" + i);
      }
      List<String> done = new ArrayList<>();
      List<String> refused = new ArrayList<>();
      while (done.size() + refused.size() < 25) {
        JsonObject frame = client.error();
        boolean busy = frame.getString("message").equals("busy");
        (busy ? refused : done).add(frame.getString("address"));
        if (busy) {
          assertThat(frame.getInteger("failureCode")).isEqualTo(429);
          assertThat(frame.getString("detail")).startsWith("More than 10 frames");
        }
      }
      assertThat(refused).first().isEqualTo("address-10");
      assertThat(refused).hasSizeBetween(1, 2);
      assertThat(counts.figures().refused()).containsEntry("busy", (long) refused.size());
    } finally {
      await(slow.close());
    }
  }

  @Test
  void aClientThatDoesNotReadIsClosedAndKeptWaitingForNothing() throws IOException {
    try (Frames client = new Frames(port(door))) {
      client.send("register", "events.coordinator");
      client.read();
      String large = "x".repeat(1 << 20);
      for (int i = 0; i < 40; i++) {
        server.node().bus().event("coordinator", new JsonObject().put("large", large));
      }
      eventually(() -> counts.figures().connections() == 0);
      assertThat(counts.figures().refused()).containsEntry("too-slow", 1L);
    }
    coordinator(44);
  }

  @Test
  void withTlsItSpeaksThatAndNothingElse(@TempDir Path folder) throws IOException {
    TestCertificate own = TestCertificate.in(folder);
    BridgeDoor secret =
        open(server.gateway(), 1_000, Optional.of(new TlsSettings(own.certificate(), own.key())));
    try (Frames trusting = new Frames(own.connect(port(secret)));
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), port(secret))) {
      trusting.send(new JsonObject().put("type", "ping"));
      assertThat(trusting.read()).isEqualTo(new JsonObject().put("type", "pong"));
      plain.setSoTimeout(10_000);
      plain
          .getOutputStream()
          .write("\0\0\0\17{\"type\":\"ping\"}".getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(plain.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .doesNotContain("pong");
    } finally {
      await(secret.close());
    }
  }

  @Test
  void itsLimitsHoldBeforeTheHandshake(@TempDir Path folder) throws IOException {
    TlsSettings tls = BeforeHandshake.settings(folder);
    BridgeDoor secret = open(server.gateway(), 1_000, Optional.of(tls));
    try {
      BeforeHandshake.check(tls, port(secret), MAX_CONNECTIONS, counts::figures);
    } finally {
      await(secret.close());
    }
  }

  @Test
  void whatIsBeyondTheBoundsOfJsonIsToldInAWordOfOurOwn() throws IOException {
    try (Frames client = new Frames(port(door))) {
      byte[] deep = "[".repeat(40).getBytes(StandardCharsets.US_ASCII);
      client.bytes(ByteBuffer.allocate(4 + deep.length).putInt(deep.length).put(deep).array());
      JsonObject refused = client.error();
      assertThat(refused.getString("message")).isEqualTo("too-large");
      assertThat(refused.getString("detail")).isEqualTo(JsonBounds.SENTENCE);
    }
  }

  @Test
  void oneConnectionTooManyIsToldSo() throws IOException {
    List<Frames> open = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_CONNECTIONS; i++) {
        Frames client = new Frames(port(door));
        client.send(new JsonObject().put("type", "ping"));
        client.read();
        open.add(client);
      }
      try (Frames client = new Frames(port(door))) {
        assertThat(client.error().getString("message")).isEqualTo("too-many-connections");
        assertThat(client.isClosed()).isTrue();
      }
    } finally {
      for (Frames client : open) {
        client.close();
      }
    }
  }

  @Test
  void whoIsThereWhenTheNodeStopsIsTold() throws IOException {
    try (Frames client = new Frames(port(door))) {
      client.send(new JsonObject().put("type", "ping"));
      client.read();
      await(door.close());
      assertThat(client.error().getString("message")).isEqualTo("node-stops");
    }
  }

  @Test
  void halfFramesAreHeldWithinBoundsAndGivenBackWithTheirConnections() throws IOException {
    byte[] half = new byte[60_000];
    ByteBuffer.wrap(half).putInt(MAX_BYTES);
    int most = HELD_BYTES / half.length;
    for (int round = 1; round <= 3; round++) {
      long refused = (long) round * (10 - most);
      List<Frames> clients = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Frames client = new Frames(port(door));
        clients.add(client);
        client.bytes(half);
      }
      eventually(() -> counts.figures().refused().getOrDefault("busy", 0L) == refused);
      int told = 0;
      for (Frames client : clients) {
        if (round == 1) {
          JsonObject error = client.error();
          told += error.getString("message").equals("busy") ? 1 : 0;
          assertThat(client.isClosed()).isTrue();
        }
        client.close();
      }
      assertThat(told).isEqualTo(round == 1 ? 10 - most : 0);
      eventually(() -> counts.figures().connections() == 0);
    }
  }

  @Test
  void theOneThatGivesWayIsToldWhy() throws IOException {
    List<Frames> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        silent.add(new Frames(port(door)));
      }
      eventually(() -> counts.figures().connections() == 10);
      try (Frames client = new Frames(port(door))) {
        client.send(new JsonObject().put("type", "ping"));
        assertThat(client.read()).isEqualTo(new JsonObject().put("type", "pong"));
      }
      assertThat(silent.getFirst().error().getString("message")).isEqualTo("too-many-connections");
      assertThat(silent.getFirst().isClosed()).isTrue();
      assertThat(counts.figures().refused()).containsEntry("too-many-connections", 1L);
    } finally {
      for (Frames client : silent) {
        client.close();
      }
    }
  }
}
