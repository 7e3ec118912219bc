package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;

/** What every door that speaks TLS holds its clients to before they have spoken it. */
public final class BeforeHandshake {
  private BeforeHandshake() {}

  /** The settings of a door with a certificate of its own. */
  public static TlsSettings settings(Path folder) {
    TestCertificate own = TestCertificate.in(folder);
    return new TlsSettings(own.certificate(), own.key());
  }

  /**
   * Who only opens connections keeps nobody out and is closed in time, who speaks in the clear is
   * closed, and all of it is counted.
   *
   * @param port of a door that nobody has come to
   * @param most connections that it takes
   * @param counts of the door
   */
  public static void check(TlsSettings tls, int port, int most, Supplier<DoorCounts.Figures> counts)
      throws IOException {
    TestCertificate own = new TestCertificate(tls.certificate(), tls.key());
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < most; i++) {
        silent.add(connect(port));
      }
      try (SSLSocket honest = (SSLSocket) own.connect(port)) {
        honest.startHandshake();
      }
      assertThat(said(silent.getFirst())).as("the first gave way").isEmpty();
      assertThat(counts.get().refused()).isEqualTo(Map.of("too-many-connections", 1L));
      for (Socket late : silent) {
        said(late);
      }
      try (Socket plain = connect(port)) {
        plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(said(plain)).doesNotContain("HTTP");
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () ->
                  assertThat(counts.get().refused())
                      .isEqualTo(
                          Map.of(
                              "too-many-connections", 1L,
                              "too-slow", most - 1L,
                              "tls-failed", 1L)));
    } finally {
      for (Socket each : silent) {
        each.close();
      }
    }
  }

  /** A connection that says nothing by itself. */
  static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(8_000);
    return socket;
  }

  /** All that comes before a connection is closed. */
  static String said(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }
}
