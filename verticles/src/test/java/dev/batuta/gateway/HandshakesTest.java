package dev.batuta.gateway;

import static dev.batuta.gateway.BeforeHandshake.connect;
import static dev.batuta.gateway.BeforeHandshake.said;
import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no door can be made to show by itself; {@link BeforeHandshake} is for each of them. */
class HandshakesTest {
  private static final int PLACES = 3;
  private static final Vertx VERTX = Vertx.vertx();
  private static TestCertificate own;

  private final DoorCounts counts = new DoorCounts();
  private final ConnectionLimit limit = new ConnectionLimit(PLACES);
  private final AtomicInteger handedOver = new AtomicInteger();

  @BeforeAll
  static void certify(@TempDir Path folder) {
    own = TestCertificate.in(folder);
  }

  @AfterAll
  static void closeAll() {
    await(VERTX.close());
  }

  private int listen(Predicate<InetAddress> allowed, Duration opening) {
    NetServerOptions options =
        new TlsSettings(own.certificate(), own.key())
            .applyTo(
                new NetServerOptions().setHost("127.0.0.1").setPort(0),
                opening,
                new Handshakes(allowed, limit, counts));
    NetServer server =
        VERTX
            .createNetServer(options)
            .connectHandler(
                socket -> {
                  handedOver.incrementAndGet();
                  socket.end(io.vertx.core.buffer.Buffer.buffer("too many"));
                });
    return await(server.listen()).actualPort();
  }

  private void eventually(Map<String, Long> refused) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(counts.figures().refused()).isEqualTo(refused));
  }

  private void occupy() {
    for (int i = 0; i < PLACES; i++) {
      limit.admit(() -> {}).orElseThrow().spoke();
    }
  }

  @Test
  void whoMayNotComeInIsToldByTheWordThatTlsHasForThat() throws IOException {
    int port = listen(host -> false, Duration.ofSeconds(10));
    for (int i = 0; i < 5; i++) {
      try (SSLSocket client = (SSLSocket) own.connect(port)) {
        assertThatThrownBy(client::startHandshake)
            .isInstanceOf(SSLException.class)
            .hasMessageContaining("access_denied");
      }
    }
    assertThat(counts.figures().refused()).isEqualTo(Map.of("forbidden", 5L));
    assertThat(handedOver).hasValue(0);
  }

  @Test
  void whoMayNotComeInAndSaysNothingIsClosedInTime() throws IOException {
    int port = listen(host -> false, Duration.ofMillis(300));
    try (Socket silent = connect(port)) {
      assertThat(said(silent)).doesNotContain("too many");
    }
    assertThat(counts.figures().refused()).isEqualTo(Map.of("forbidden", 1L));
  }

  @Test
  void whoIsOneTooManyMayFinishItsHandshakeAndIsToldSoThen() throws IOException {
    int port = listen(host -> true, Duration.ofSeconds(10));
    occupy();
    try (Socket client = own.connect(port)) {
      assertThat(said(client)).isEqualTo("too many");
    }
    assertThat(counts.figures().refused()).isEmpty();
  }

  @Test
  void ofThoseThatAreTooManyAndSayNothingAHundredAreKept() throws IOException {
    int port = listen(host -> true, Duration.ofSeconds(30));
    occupy();
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 107; i++) {
        silent.add(connect(port));
      }
      for (int i = 0; i < 7; i++) {
        assertThat(said(silent.get(i))).isEmpty();
      }
      eventually(Map.of("too-many-connections", 7L));
    } finally {
      for (Socket each : silent) {
        each.close();
      }
    }
  }

  @Test
  void aPlaceIsGivenBackWithTheHandshakeHoweverItEnds() throws IOException {
    int port = listen(host -> true, Duration.ofSeconds(10));
    for (int i = 0; i < 3; i++) {
      connect(port).close();
      try (Socket plain = connect(port)) {
        plain.getOutputStream().write("no TLS at all".getBytes(StandardCharsets.US_ASCII));
        said(plain);
      }
      try (Socket client = own.connect(port)) {
        assertThat(said(client)).isEqualTo("too many");
      }
    }
    eventually(Map.of("tls-failed", 3L));

    occupy();

    assertThat(counts.figures().refused()).as("nobody had to give way").hasSize(1);
  }

  @Test
  void aPlaceIsGivenBackWhenAHandshakeDoesNotEndInTime() throws IOException {
    int port = listen(host -> true, Duration.ofMillis(300));
    for (int i = 0; i < PLACES; i++) {
      try (Socket silent = connect(port)) {
        said(silent);
      }
    }
    eventually(Map.of("too-slow", (long) PLACES));

    occupy();

    assertThat(counts.figures().refused()).as("nobody had to give way").hasSize(1);
  }
}
