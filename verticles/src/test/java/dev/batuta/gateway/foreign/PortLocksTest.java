package dev.batuta.gateway.foreign;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.gateway.BeforeHandshake;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS on both ports, and from which pages a browser may open a socket. */
class PortLocksTest {
  private static final String GREETING = "{\"SERVER\":\"ALIVE\"}\n";
  private static final JsonObject ANSWER =
      new JsonObject().put("SERVER", "ALIVE").put("TASK", "RECIEVE");

  private static final Vertx CLIENTS = Vertx.vertx();

  /** In Vert.x 5 a client that nobody refers to any more is closed, with its connections. */
  private static final List<Object> KEPT = new ArrayList<>();

  @AfterAll
  static void closeAll() {
    await(CLIENTS.close());
  }

  @Test
  void withACertificateBothPortsSpeakTlsAndNothingElse(@TempDir Path folder) {
    TestCertificate own = TestCertificate.in(folder);
    PemTrustOptions trust = new PemTrustOptions().addCertPath(own.certificate().toString());
    try (ForeignFixture server =
        new ForeignFixture(
            Origins.SAME_HOST, Optional.of(new TlsSettings(own.certificate(), own.key())))) {
      NetClientOptions tls = new NetClientOptions().setSsl(true).setTrustOptions(trust);
      tls.setHostnameVerificationAlgorithm("HTTPS");
      assertThat(heard(await(connect(tls, server.tcpPort())))).isEqualTo(ANSWER);
      assertThatThrownBy(() -> heard(await(connect(new NetClientOptions(), server.tcpPort()))))
          .isNotNull();

      assertThat(
              greet(
                  new WebSocketClientOptions().setSsl(true).setTrustOptions(trust),
                  server.webSocketPort(),
                  null))
          .isEqualTo(ANSWER);
      assertThatThrownBy(() -> greet(new WebSocketClientOptions(), server.webSocketPort(), null))
          .isNotNull();
    }
  }

  @Test
  void theLimitsOfBothPortsHoldBeforeTheHandshake(@TempDir Path folder) throws IOException {
    TlsSettings tls = BeforeHandshake.settings(folder);
    try (ForeignFixture server = new ForeignFixture(Origins.SAME_HOST, Optional.of(tls))) {
      BeforeHandshake.check(
          tls, server.tcpPort(), ForeignFixture.MAX_CONNECTIONS, server.tcp()::figures);
      BeforeHandshake.check(
          tls, server.webSocketPort(), ForeignFixture.MAX_CONNECTIONS, server.webSocket()::figures);
    }
  }

  @Test
  void aBrowserMayComeFromPagesOfThisHostAndFromListedOnes() {
    try (ForeignFixture server =
        new ForeignFixture(new Origins(List.of("https://console.example")), Optional.empty())) {
      int port = server.webSocketPort();
      WebSocketClientOptions plain = new WebSocketClientOptions();
      assertThat(greet(plain, port, "https://console.example")).isEqualTo(ANSWER);
      assertThat(greet(plain, port, "http://127.0.0.1:" + port)).isEqualTo(ANSWER);
      assertThatThrownBy(() -> greet(plain, port, "https://evil.example"))
          .isInstanceOfSatisfying(
              UpgradeRejectedException.class,
              refused -> assertThat(refused.getStatus()).isEqualTo(403));
      assertThat(server.webSocket().figures().refused()).containsEntry("foreign-origin", 1L);
    }
  }

  private static Future<NetSocket> connect(NetClientOptions options, int port) {
    NetClient client = CLIENTS.createNetClient(options);
    KEPT.add(client);
    return client.connect(port, "127.0.0.1");
  }

  private static JsonObject heard(NetSocket socket) {
    Promise<Buffer> answer = Promise.promise();
    socket.handler(answer::tryComplete);
    socket.closeHandler(closed -> answer.tryFail("closed"));
    socket.exceptionHandler(broken -> answer.tryFail("closed"));
    socket.write(GREETING);
    return new JsonObject(await(answer.future().timeout(20, TimeUnit.SECONDS)));
  }

  private static JsonObject greet(
      WebSocketClientOptions options, int port, @Nullable String origin) {
    WebSocketConnectOptions to =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(port)
            .setURI("/")
            .setAllowOriginHeader(origin != null);
    if (origin != null) {
      to.addHeader("Origin", origin);
    }
    Promise<String> answer = Promise.promise();
    WebSocketClient client = CLIENTS.createWebSocketClient(options);
    KEPT.add(client);
    await(
        client
            .connect(to)
            .onSuccess(socket -> socket.textMessageHandler(answer::tryComplete))
            .compose(socket -> socket.writeTextMessage(GREETING)));
    return new JsonObject(await(answer.future().timeout(20, TimeUnit.SECONDS)));
  }
}
