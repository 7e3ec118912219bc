package dev.batuta.gateway.zeromq;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ChatService.PageOf;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ.Socket;

/** A server with the door of ZeroMQ, and what is asked of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ZeroMqCalls {
  static final String SUBSCRIPTIONS = "zeromq-subscriptions";

  ZeroMqFixture fixture;
  Asker services;
  Asker reference;

  @BeforeAll
  void start(@TempDir Path folder) {
    fixture = new ZeroMqFixture(folder);
    services = fixture.services();
    reference = fixture.reference();
    for (String name : List.of("ana", "bob", "eva")) {
      services.ask("login", Map.of("user", name));
    }
    services.ask("channel", Map.of("channel", "geral"));
  }

  @AfterAll
  void stop() {
    fixture.close();
  }

  Listener listener(String... topics) {
    return new Listener(fixture.endpoint(SUBSCRIPTIONS), topics);
  }

  void publish(String user, String channel, String text) {
    assertThat(
            services
                .ask("publish", Map.of("user", user, "channel", channel, "message", text))
                .getString("status"))
        .isEqualTo("OK");
  }

  void tell(String from, String to, String text) {
    assertThat(
            services
                .ask("message", Map.of("src", from, "dst", to, "message", text))
                .getString("status"))
        .isEqualTo("OK");
  }

  /** Publishes once, from a connection of its own. */
  void publisher(String topic, Map<String, ?> map) {
    long received = fixture.figures().received();
    ZContext context = new ZContext();
    Socket socket = context.createSocket(SocketType.XPUB);
    socket.setHandshakeIvl(Asker.HANDSHAKE_MILLIS);
    socket.setLinger(1_000);
    socket.connect(fixture.endpoint("zeromq-publications"));
    assertThat(socket.recv()).as("the subscription of the door").isEqualTo(new byte[] {1});
    socket.sendMore(topic);
    socket.send(StrictWriter.write(map));
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> fixture.figures().received() > received);
    context.close();
  }

  List<JsonObject> history(String channel) {
    return services.ask("history", Map.of("channel", channel)).getJsonArray("messages").stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  long count(String channel, String text) {
    ChatService chat = fixture.server().gateway().services().chat();
    return await(chat.history(ServerFixture.ADMIN, channel, PageOf.newest(1_000))).items().stream()
        .filter(each -> each.text().equals(text))
        .count();
  }

  static JsonObject last(JsonObject reply) {
    JsonArray messages = reply.getJsonArray("messages");
    return messages.getJsonObject(messages.size() - 1);
  }

  static List<String> texts(JsonArray messages) {
    return messages.stream()
        .map(JsonObject.class::cast)
        .map(each -> each.getString("message"))
        .toList();
  }
}
