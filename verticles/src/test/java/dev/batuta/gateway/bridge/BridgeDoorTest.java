package dev.batuta.gateway.bridge;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.database.Database;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.ForeignProgram;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.gateway.services.ChatService.Saying;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bridge through its port, by the published client for Python and by bare frames. */
class BridgeDoorTest extends BridgeFixture {
  private static final String LIBRARY = "vertx-eventbus-client==1.0.0";
  private static final Path PROGRAM = Path.of("src/test/resources/bridge/follow.py");

  private ForeignProgram python() {
    return ForeignProgram.pythonWith(LIBRARY, PROGRAM, Integer.toString(port(door)));
  }

  private static JsonObject say(String what, String address) {
    return new JsonObject().put("do", what).put("address", address);
  }

  private static List<JsonObject> heard(ForeignProgram client, String address) {
    return client.printed("heard").stream()
        .map(each -> each.getJsonObject("heard"))
        .filter(each -> each.getString("address").equals(address))
        .toList();
  }

  private static List<JsonObject> errors(ForeignProgram client) {
    return client.printed("error").stream()
        .filter(each -> each.getValue("error") instanceof JsonObject)
        .map(each -> each.getJsonObject("error"))
        .toList();
  }

  @Test
  void thePublishedClientForPythonGetsThePresentStateThenEachChange() {
    coordinator(30);
    try (ForeignProgram client = python()) {
      client.tell(say("register", "events.coordinator"));
      eventually(() -> !heard(client, "events.coordinator").isEmpty());
      coordinator(31);
      eventually(() -> heard(client, "events.coordinator").size() == 2);
      assertThat(heard(client, "events.coordinator"))
          .extracting(each -> each.getJsonObject("body").getLong("epoch"))
          .containsExactly(30L, 31L);

      client.tell(say("unregister", "events.coordinator"));
      eventually(() -> client.printed("did").size() == 2);
      client.tell(say("register", "events.nodes"));
      eventually(() -> !heard(client, "events.nodes").isEmpty());
      coordinator(32);
      assertThat(heard(client, "events.coordinator")).hasSize(2);
    }
  }

  @Test
  void thePublishedClientForPythonLogsInHearsMessagesAndSubmitsATask() {
    await(server.gateway().services().chat().createChannel(ServerFixture.ALICE, "bridge"));
    try (ForeignProgram client = python()) {
      client.tell(say("register", "events.messages"));
      eventually(() -> errors(client).size() == 1);
      assertThat(errors(client).getFirst().getString("message")).isEqualTo("access_denied");
      assertThat(errors(client).getFirst().getString("address")).isEqualTo("events.messages");
      client.tell(say("unregister", "events.messages"));

      client.tell(say("send", "batuta.tasks.read").put("body", new JsonObject().put("id", "1")));
      eventually(() -> errors(client).size() == 3);
      assertThat(errors(client).getLast().getString("message")).isEqualTo("token-missing");
      assertThat(errors(client).getLast().getString("sourceAddress"))
          .isEqualTo("batuta.tasks.read");

      client.tell(say("send", "batuta.login").put("body", new JsonObject().put("token", alice())));
      eventually(() -> client.printed("reply").size() == 1);
      client.tell(say("register", "events.messages"));
      JsonObject task =
          new JsonObject()
              .put("kind", "COMPUTE")
              .put("payload", new JsonObject().put("durationMillis", 0));
      client.tell(say("send", "batuta.tasks.submit").put("body", task));
      eventually(() -> client.printed("reply").size() == 2);
      JsonObject reply = client.printed("reply").getLast().getJsonObject("reply");
      assertThat(reply.getJsonObject("body").getString("state")).isEqualTo("PENDING");

      await(
          server
              .gateway()
              .services()
              .chat()
              .publish(ServerFixture.ALICE, "bridge", new Saying(null, "over the bridge", null)));
      eventually(() -> !heard(client, "events.messages").isEmpty());
      assertThat(
              heard(client, "events.messages").getFirst().getJsonObject("body").getString("text"))
          .isEqualTo("over the bridge");
    }
  }

  @Test
  void whatIsRefusedIsNamedAndTheConnectionGoesOn() throws IOException {
    try (Frames client = new Frames(port(door))) {
      client.send("register", "server.server-1.tasks");
      JsonObject refused = client.error();
      assertThat(refused.getString("message")).isEqualTo("access_denied");
      assertThat(refused.getString("address")).isEqualTo("server.server-1.tasks");

      client.send(
          new JsonObject()
              .put("type", "send")
              .put("address", "server.server-1.tasks")
              .put("replyAddress", "reply-1")
              .put("body", new JsonObject()));
      refused = client.error();
      assertThat(refused.getString("address")).isEqualTo("reply-1");
      assertThat(refused.getString("sourceAddress")).isEqualTo("server.server-1.tasks");
      assertThat(refused.getInteger("failureCode")).isEqualTo(403);

      client.send("publish", "events.coordinator");
      assertThat(client.error().getString("address")).isEqualTo("events.coordinator");
      client.send("shout", "events.coordinator");
      assertThat(client.error().getString("message")).isEqualTo("unknown_type");
      client.send(new JsonObject().put("type", "register"));
      assertThat(client.error().getString("message")).isEqualTo("missing_address");
      client.bytes(new byte[] {0, 0, 0, 1, '['});
      assertThat(client.error().getString("message")).isEqualTo("malformed-json");
      client.frame("{\"type\":\"send\",\"address\":\"batuta.login\",\"body\":{\"token\":s3cre7}}");
      assertThat(client.error().getString("detail"))
          .contains("line 1, column")
          .doesNotContain("s3cre7");
      client.send("unregister", "events.nodes");
      assertThat(client.error().getString("message")).isEqualTo("unknown_address");

      client.send(new JsonObject().put("type", "ping"));
      assertThat(client.read()).isEqualTo(new JsonObject().put("type", "pong"));
    }
    assertThat(counts.figures().refused()).containsKeys("access-denied", "unknown-address");
  }

  @Test
  void anAddressIsHeardOnceHoweverOftenItIsRegistered() throws IOException {
    coordinator(40);
    try (Frames client = new Frames(port(door))) {
      client.send("register", "events.coordinator");
      assertThat(client.read().getString("type")).isEqualTo("message");
      client.send("register", "events.coordinator");
      JsonObject refused = client.read();
      assertThat(refused.getString("message")).isEqualTo("address_already_registered");
      assertThat(refused.getString("address")).isEqualTo("events.coordinator");
      coordinator(41);
      coordinator(42);
      List<Long> epochs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        epochs.add(client.read().getJsonObject("body").getLong("epoch"));
      }
      assertThat(epochs).containsExactly(41L, 42L);

      client.send("unregister", "events.coordinator");
      client.send("register", "events.coordinator");
      assertThat(client.read().getJsonObject("body").getLong("epoch")).isEqualTo(42);
    }
  }

  @Test
  void nothingIsLeftOfAConnectionThatHasEnded() throws IOException {
    try (Frames client = new Frames(port(door))) {
      client.send("register", "events.trace");
      client.send(new JsonObject().put("type", "ping"));
      assertThat(client.read().getString("type")).isIn("pong", "message");
      assertThat(counts.figures().connections()).isEqualTo(1);
    }
    eventually(() -> counts.figures().connections() == 0);
    long sent = counts.figures().sent();
    coordinator(43);
    try (Frames another = new Frames(port(door))) {
      another.send(new JsonObject().put("type", "ping"));
      assertThat(another.read().getString("type")).isEqualTo("pong");
    }
    assertThat(counts.figures().sent()).isEqualTo(sent + 1);
  }

  @Test
  void aConnectionEndsWithItsTokenAndSaysSo() throws IOException {
    String shortLived = server.token(ServerFixture.ALICE, Duration.ofSeconds(2));
    try (Frames client = new Frames(port(door))) {
      client.send(
          new JsonObject()
              .put("type", "register")
              .put("address", "events.messages")
              .put("headers", new JsonObject().put("Authorization", "Bearer " + shortLived)));
      JsonObject expired = client.error();
      assertThat(expired.getString("message")).isEqualTo("token-expired");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void outsideTheDemonstrationNothingIsHeardWithoutAToken() throws IOException {
    BridgeDoor locked = open(server.behind("production"), 1_000);
    try (Frames client = new Frames(port(locked))) {
      client.send("register", "events.coordinator");
      assertThat(client.error().getString("message")).isEqualTo("access_denied");
    } finally {
      await(locked.close());
    }
  }

  @Test
  void whereThereAreNoMessagesWhoAsksForThemIsToldSo() throws IOException {
    Database database = Database.connect(server.node().vertx(), server.database().address(), 2);
    BridgeDoor bare = open(BareGateway.of(server.node(), database, "demo"), 1_000);
    String token = alice();
    try (Frames client = new Frames(port(bare))) {
      client.send(
          new JsonObject()
              .put("type", "register")
              .put("address", "events.messages")
              .put("headers", new JsonObject().put("Authorization", "Bearer " + token)));
      client.send(new JsonObject().put("type", "ping"));
      JsonObject refused = client.read();
      assertThat(refused.getString("message")).isEqualTo("no-messages");
      assertThat(refused.getString("address")).isEqualTo("events.messages");
      assertThat(refused.getInteger("failureCode")).isEqualTo(503);
      assertThat(counts.figures().refused()).containsEntry("no-messages", 1L);
    } finally {
      await(bare.close());
    }
  }

  @Test
  void aBodyThatIsNoJsonIsSaidToBeNone() throws IOException {
    String token = alice();
    try (Frames client = new Frames(port(door))) {
      client.send(
          new JsonObject()
              .put("type", "register")
              .put("address", "events.messages")
              .put("headers", new JsonObject().put("Authorization", "Bearer " + token)));
      client.send(new JsonObject().put("type", "ping"));
      assertThat(client.read().getString("type")).isEqualTo("pong");
      server.node().vertx().eventBus().publish("events.messages", "no object");
      JsonObject refused = client.error();
      assertThat(refused.getString("message")).isEqualTo("unreadable_body");
      assertThat(refused.getString("address")).isEqualTo("events.messages");
    }
  }
}
