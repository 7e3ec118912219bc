package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.system.RealCluster.Result;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer does and sees, and what kills do to it, with real processes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StoryTest {
  private static final String USER = "11111111111";

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;

  @BeforeAll
  static void up() {
    running = RealCluster.up(data);
  }

  @AfterAll
  static void down() {
    cluster().close();
  }

  private static RealCluster cluster() {
    return Objects.requireNonNull(running);
  }

  @Test
  @Order(1)
  void aTaskIsDoneAndItsBalanceIsRead() {
    JsonObject update =
        cluster()
            .batuta("submit", "UPDATE", "--user", USER, "--amount", "120.50", "--wait", "--json")
            .json();
    assertThat(update.getString("state")).isEqualTo("DONE");
    assertThat(update.getJsonObject("result").getString("balance")).isEqualTo("120.50");

    Result query = cluster().batuta("submit", "QUERY", "--user", USER, "--wait");
    assertThat(query.exit()).isZero();
    assertThat(query.out()).contains("DONE").contains("120.50");
  }

  @Test
  @Order(2)
  void statusShowsAllProcessesAndTheBestRankCoordinates() {
    // The one that answers may not have heard of all workers yet.
    JsonObject status =
        cluster()
            .awaitStatus(
                "server-3 coordinates, and three workers",
                s ->
                    "server-3".equals(s.getString("coordinator"))
                        && s.getJsonArray("workers").size() == 3);
    assertThat(status.getLong("epoch")).isPositive();
    assertThat(RealCluster.nodes(status))
        .filteredOn(n -> n.getJsonArray("roles").contains("server"))
        .extracting(n -> n.getString("name") + " " + n.getInteger("rank"))
        .containsExactlyInAnyOrder("server-1 1", "server-2 2", "server-3 3");
  }

  @Test
  @Order(3)
  void aMessageIsReadOnAnotherServerWithItsClock() {
    RealCluster cluster = cluster();
    assertThat(cluster.batuta("chat", "login", "alice").exit()).isZero();
    assertThat(cluster.batuta("chat", "create", "geral").exit()).isZero();
    assertThat(cluster.batuta("chat", "publish", "geral", "olá", "--user", "alice").exit())
        .isZero();
    for (String url : cluster.serverUrls()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> texts(history(url, "geral")).contains("olá"));
      assertThat(history(url, "geral").getFirst().getLong("clock")).isPositive();
    }
  }

  @Test
  @Order(4)
  void aWorkerThatJoinsIsSeenAndOneThatLeavesIsNot() {
    Process worker = cluster().start("worker", "--name", "W9");
    try {
      cluster().awaitStatus("W9 has registered", status -> workers(status).contains("W9"));
    } finally {
      worker.destroy();
    }
    cluster().awaitStatus("W9 has left", status -> !workers(status).contains("W9"));
  }

  @Test
  @Order(5)
  void nothingAcknowledgedIsLostOrDoneTwiceWhenEveryNodeIsKilledInTurn() {
    RealCluster cluster = cluster();
    try (Load load = new Load(cluster.serverUrls(), USER, "geral")) {
      List<String> nodes = new ArrayList<>();
      RealCluster.nodes(cluster.status()).stream()
          .filter(n -> n.getString("state").equals("ready"))
          .forEach(n -> nodes.add(n.getString("name")));
      for (String node : nodes) {
        int tasks = load.acknowledgedTasks.size();
        cluster.killAndAwaitReturn(node);
        Awaitility.await("tasks go on after " + node + " was killed")
            .atMost(Duration.ofSeconds(60))
            .until(() -> load.acknowledgedTasks.size() > tasks);
      }
      load.assertNothingIsLostOrDoneTwice();
      assertThat(load.acknowledgedTasks).hasSizeGreaterThan(50);
    }
    assertThat(cluster.batuta("audit").exit()).isZero();
  }

  @Test
  @Order(6)
  void theBestRankTakesTheBatonBackAfterItWasKilled() {
    RealCluster cluster = cluster();
    JsonObject before =
        cluster.awaitStatus("server-3 leads", s -> "server-3".equals(s.getString("coordinator")));
    cluster.process("server-3").destroyForcibly();
    cluster.awaitStatus("server-2 leads", s -> "server-2".equals(s.getString("coordinator")));
    JsonObject after =
        cluster.awaitStatus(
            "server-3 leads again", s -> "server-3".equals(s.getString("coordinator")));
    assertThat(after.getLong("epoch")).isGreaterThan(before.getLong("epoch") + 1);
  }

  @Test
  @Order(7)
  void everythingIsThereAfterARestart() {
    BigDecimal before = balance();
    List<String> messages = texts(history(cluster().url(), "geral"));
    cluster().close();
    running = RealCluster.up(data);
    assertThat(balance()).isEqualByComparingTo(before);
    // A server may have got more from the others meanwhile.
    assertThat(texts(history(cluster().url(), "geral"))).containsSubsequence(messages);
    assertThat(cluster().batuta("audit").exit()).isZero();
  }

  private static List<String> workers(JsonObject status) {
    return status.getJsonArray("workers").stream()
        .map(worker -> ((JsonObject) worker).getString("id"))
        .toList();
  }

  private static BigDecimal balance() {
    return new BigDecimal(cluster().batuta("accounts", USER, "--json").json().getString("balance"));
  }

  private static List<JsonObject> history(String url, String channel) {
    return cluster()
        .batuta("chat", "history", channel, "--limit", "100000", "--url", url, "--json")
        .json()
        .getJsonArray("items")
        .stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  private static List<String> texts(List<JsonObject> messages) {
    return messages.stream().map(message -> message.getString("text")).toList();
  }
}
