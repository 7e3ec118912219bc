package dev.batuta.gateway.bridge;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.ServerFixture;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that are open for a token that is good no more, though it has not expired. */
class BridgeSessionEndTest extends BridgeFixture {
  private BridgeDoor rechecking;

  @BeforeEach
  void openAnother() {
    rechecking = open(server.rechecking(Duration.ofMillis(100)), 1_000);
  }

  @AfterEach
  void closeIt() {
    await(rechecking.close());
  }

  @Test
  void aConnectionEndsWhenTheKeyOfItsTokenIsDeleted() throws IOException {
    String token = alice();
    try (Frames client = loggedIn(token)) {
      await(server.users().keys().rotate());
      await(
          server
              .database()
              .database()
              .update(
                  "DELETE FROM signing_key WHERE id < (SELECT most FROM"
                      + " (SELECT MAX(id) AS most FROM signing_key) AS keys_now)",
                  Tuple.tuple()));

      assertThat(client.error().getString("message")).isEqualTo("token-invalid");
      assertThat(client.isClosed()).isTrue();
    }
    try (Frames another = loggedIn(alice())) {
      another.send(new JsonObject().put("type", "ping"));
      assertThat(another.read().getString("type")).isEqualTo("pong");
    }
  }

  @Test
  void aConnectionEndsWhenItsUserIsGivenAnotherPassword() throws IOException {
    await(server.users().put("dora", "her secret", List.of()));
    String token =
        await(server.gateway().services().logins().login("10.0.0.1", "dora", "her secret")).token();
    try (Frames client = loggedIn(token)) {
      await(
          server
              .gateway()
              .services()
              .users()
              .set(ServerFixture.ADMIN, "dora", "another one", List.of()));

      assertThat(client.error().getString("message")).isEqualTo("token-expired");
      assertThat(client.isClosed()).isTrue();
    }
  }

  private Frames loggedIn(String token) throws IOException {
    Frames client = new Frames(port(rechecking));
    client.send(
        new JsonObject()
            .put("type", "send")
            .put("address", "batuta.login")
            .put("replyAddress", "r")
            .put("body", new JsonObject().put("token", token)));
    assertThat(client.read().getJsonObject("body").getString("user")).isNotEmpty();
    return client;
  }
}
