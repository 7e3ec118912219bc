package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.core.HazelcastInstance;
import dev.batuta.cli.client.Trust;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.TestCertificate;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every door that can speak TLS does so where it is told to, and then speaks nothing else. */
class DoorTlsTest {
  private static final int WAIT_MILLIS = 10_000;

  /** Of each door what a client says first, and how the answer begins. */
  private static final Map<String, List<String>> SAID =
      Map.of(
          "workers-tcp", List.of("{\"SERVER\":\"ALIVE\"}\n", "{"),
          "workers-ws",
              List.of(
                  """
                  GET / HTTP/1.1
                  Host: h
                  Connection: Upgrade
                  Upgrade: websocket
                  Sec-WebSocket-Version: 13
                  Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

                  """
                      .replace("\n", "\r\n"),
                  "HTTP/1.1 101"),
          "platform", List.of(prefixed("{\"type\":\"none\"}"), "\0\0\0"),
          "bridge", List.of(prefixed("{\"type\":\"ping\"}"), "\0\0\0"));

  @Test
  void everyDoorSpeaksItAndNothingElse(@TempDir Path folder) throws Exception {
    TestCertificate own = TestCertificate.in(folder);
    SSLContext trusting = Trust.also(own.certificate());
    assertThat(DoorKeys.all().stream().filter(door -> door.tls().isPresent()).map(DoorKeys::name))
        .containsExactlyInAnyOrderElementsOf(SAID.keySet());

    try (TestDatabase database = TestDatabase.fresh();
        TestCluster cluster = TestCluster.start("other")) {
      Node node = start(cluster.node("other").cluster().hazelcast(), database, folder, own);
      try {
        for (Map.Entry<String, List<String>> door : SAID.entrySet()) {
          int port = Objects.requireNonNull(node.ports().get(door.getKey()));
          String said = door.getValue().getFirst();
          String expected = door.getValue().getLast();

          try (SSLSocket socket = socket(trusting, port)) {
            assertThat(answer(socket, said, expected)).as(door.getKey()).isEqualTo(expected);
            assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
          }
          try (SSLSocket strange = socket(SSLContext.getDefault(), port)) {
            assertThatThrownBy(strange::startHandshake)
                .as(door.getKey())
                .isInstanceOf(SSLHandshakeException.class);
          }
          try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
            plain.setSoTimeout(WAIT_MILLIS);
            assertThat(answer(plain, said, expected)).as(door.getKey()).isNotEqualTo(expected);
          }
        }
      } finally {
        await(node.stop());
      }
    }
  }

  private static Node start(
      HazelcastInstance known, TestDatabase database, Path data, TestCertificate own) {
    var address = known.getCluster().getLocalMember().getAddress();
    Map<String, String> flags = new HashMap<>();
    for (DoorKeys door : DoorKeys.all()) {
      flags.put(door.enabled().key(), Boolean.toString(door.tls().isPresent()));
      flags.put(door.port().key(), "0");
      door.tls().ifPresent(tls -> flags.put(tls.key(), "true"));
    }
    flags.put("tls.certificate", own.certificate().toString());
    flags.put("tls.key", own.key().toString());
    flags.put("node.name", "gateway-1");
    flags.put("node.roles", "gateway");
    flags.put("cluster.name", known.getConfig().getClusterName());
    flags.put("cluster.members", address.getHost() + ":" + address.getPort());
    flags.put("database.url", database.address().url());
    flags.put("data", data.toString());
    flags.put("http.port", "0");
    return await(Node.start(NodeSettings.load("demo", null, Map.of(), flags)));
  }

  private static SSLSocket socket(SSLContext trust, int port) throws IOException {
    SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", port);
    socket.setSoTimeout(WAIT_MILLIS);
    return socket;
  }

  /** As many bytes of it as are expected, fewer where it ends before. */
  private static String answer(Socket socket, String said, String expected) throws IOException {
    socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
    byte[] answer = new DataInputStream(socket.getInputStream()).readNBytes(expected.length());
    return new String(answer, StandardCharsets.ISO_8859_1);
  }

  private static String prefixed(String json) {
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(json.length()).array();
    return new String(length, StandardCharsets.ISO_8859_1) + json;
  }
}
