package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.batuta.cli.client.Trust;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.TestCertificate;
import dev.batuta.gateway.TlsSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLHandshakeException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class HttpDoorTest extends HttpDoorFixture {
  @Test
  void itsPortIsKnownOnceItIsOpenAndAfterwards() {
    assertThat(door.ports()).isEmpty();
    await(door.open());
    assertThat(door.ports()).containsOnlyKeys("http");
    int port = door.port();

    await(door.close());

    assertThat(door.ports()).containsEntry("http", port);
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void oneThatCannotHaveItsPortSaysWhichAndHasNone() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      door = doors.at(taken.getLocalPort());

      assertThatThrownBy(() -> await(door.open()))
          .isInstanceOf(Refused.class)
          .hasMessageContaining("Port " + taken.getLocalPort());
      assertThat(door.ports()).isEmpty();
    }
  }

  @Test
  void whoHangsUpInTheMiddleOfARequestIsNoErrorOfThisNode() throws IOException {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger web = (Logger) LoggerFactory.getLogger("io.vertx.ext.web");
    log.start();
    web.addAppender(log);
    await(door.open());
    try {
      for (int i = 0; i < 5; i++) {
        try (Socket socket = door.connect()) {
          String begun =
              "POST /api/v1/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 100\r\n\r\n{";
          socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
          long received = i;
          Awaitility.await().until(() -> door.figures().received() > received);
        }
      }
      Awaitility.await().until(() -> door.figures().connections() == 0);
    } finally {
      web.detachAppender(log);
    }
    assertThat(log.list).noneMatch(each -> each.getLevel().isGreaterOrEqual(Level.ERROR));
  }

  @Test
  void whoSendsABodyThatIsNoHttpIsClosedAndIsNoErrorOfThisNode() throws IOException {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger web = (Logger) LoggerFactory.getLogger("io.vertx.ext.web");
    log.start();
    web.addAppender(log);
    await(door.open());
    try (Socket socket = door.connect()) {
      String begun =
          String.join(
              "\r\n",
              "POST /api/v1/login HTTP/1.1",
              "Host: h",
              "Content-Type: application/json",
              "Transfer-Encoding: chunked",
              "",
              "no length",
              "{}",
              "");
      socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));

      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    } finally {
      web.detachAppender(log);
    }
    assertThat(log.list).noneMatch(each -> each.getLevel().isGreaterOrEqual(Level.ERROR));
  }

  @Test
  void withTlsItSpeaksHttpsAndNothingElse(@TempDir Path folder) throws Exception {
    TestCertificate own = TestCertificate.in(folder);
    door = doors.tls(new TlsSettings(own.certificate(), own.key()));
    await(door.open());
    URI health = URI.create("https://127.0.0.1:" + door.port() + "/health/live");
    HttpRequest request = HttpRequest.newBuilder(health).build();

    try (HttpClient trusting =
        HttpClient.newBuilder().sslContext(Trust.also(own.certificate())).build()) {
      HttpResponse<String> answer = trusting.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    }
    try (HttpClient strange = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> strange.send(request, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
    }
    try (Socket plain = door.connect()) {
      plain.getOutputStream().write(HttpDoors.ASK.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(plain.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).doesNotContain("HTTP");
    }
  }

  @Test
  void aPageOfAnotherHostOpensNoSocketOfTheBridge() {
    await(door.open());
    WebSocketClient client = doors.vertx().createWebSocketClient();

    Future<WebSocket> strange = client.connect(door.socket("http://evil.example"));
    assertThatThrownBy(() -> await(strange))
        .isInstanceOfSatisfying(
            UpgradeRejectedException.class,
            refused -> {
              assertThat(refused.getStatus()).isEqualTo(403);
              assertThat(refused.getBody().toString()).contains("\"code\":\"foreign-origin\"");
            });
    WebSocket own = await(client.connect(door.socket("http://127.0.0.1:" + door.port())));
    await(own.close());
    assertThat(door.figures().refused()).containsEntry("foreign-origin", 1L);
  }

  @Test
  void whoIsOnTheBridgeWhenTheNodeStopsIsTold() {
    await(door.open());
    WebSocketClient client = doors.vertx().createWebSocketClient();
    WebSocket socket = await(client.connect(door.socket("http://127.0.0.1:" + door.port())));
    Promise<JsonObject> said = Promise.promise();
    socket.handler(frame -> said.tryComplete(frame.toJsonObject()));
    await(door.close());
    assertThat(await(said.future()).getString("body")).isEqualTo("node-stops");
    await(client.close());
  }
}
