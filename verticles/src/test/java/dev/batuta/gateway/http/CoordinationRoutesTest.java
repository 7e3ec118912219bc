package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elections and clock rounds that an operator asks for, whatever the servers make of them. */
class CoordinationRoutesTest {
  private static GatewayFixture gateway;
  private static String admin;

  @BeforeAll
  static void start(@TempDir Path folder) {
    gateway = new GatewayFixture(folder);
    admin = gateway.token("admin", "admin");
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void anElectionAnswersWithTheCoordinatorOfTheNewEpoch() {
    gateway.announce(3);
    gateway.election = () -> gateway.announce(3).compose(stale -> gateway.announce(4));

    Reply reply = ask("election");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getLong("epoch")).isEqualTo(4);
    assertThat(reply.text("coordinator")).isEqualTo("server-1");
  }

  @Test
  void anElectionThatNobodyWinsInTimeIsUnknown() {
    gateway.announce(3);
    gateway.election = () -> gateway.announce(3);

    Reply reply = ask("election");

    assertThat(reply.status()).isEqualTo(504);
    assertThat(reply.text("code")).isEqualTo("election-undecided");
    assertThat(reply.text("detail")).contains("within 5 s", "server-1 in epoch 3");
  }

  @Test
  void anElectionThatAServerRefusesIsRefused() {
    gateway.election =
        () -> Future.failedFuture(Refused.unavailable("draining", "This server leaves."));

    assertThat(ask("election").status()).isEqualTo(503);
  }

  @Test
  void theClusterSaysWhyItsCoordinatorIsTheOneForPeopleAndForPrograms() {
    JsonObject cluster = gateway.cluster().json();

    assertThat(cluster.getString("reason")).isEqualTo("server-1 ranks better");
    assertThat(cluster.getString("reasonCode")).isEqualTo("ranks-better");
    assertThat(cluster.getJsonArray("reasonArguments")).containsExactly("server-1");
  }

  @Test
  void aClockSyncAnswersWithTheRound() {
    Reply reply = ask("clock-sync");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getLong("round")).isEqualTo(7);
    assertThat(reply.json().getJsonArray("servers").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("name", "server-1")
                .put("clock", 12)
                .put("offsetMillis", -1.5)
                .put("roundTripMillis", 0.25)
                .put("counted", true));
  }

  @Test
  void aBodyThatIsNoJsonIsRefusedThoughNoneIsAskedFor() {
    gateway.election =
        () -> Future.failedFuture(new AssertionError("an election was held all the same"));

    for (String what : List.of("election", "clock-sync")) {
      Reply reply = gateway.call("POST", "/api/v1/cluster/" + what, admin, "{\"a\":");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.text("code")).isEqualTo("malformed-json");
    }
  }

  private static Reply ask(String what) {
    return gateway.call("POST", "/api/v1/cluster/" + what, admin, "{}");
  }
}
