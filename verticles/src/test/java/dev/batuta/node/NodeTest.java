package dev.batuta.node;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.batuta.database.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @Test
  void theStatusOfEachNodeCarriesThePortsOfAll(@TempDir Path data) {
    try (TestDatabase database = TestDatabase.fresh();
        TestCluster cluster = TestCluster.start("closed")) {
      HazelcastInstance known = cluster.node("closed").cluster().hazelcast();
      Node first = start("first", known, database, data);
      Node second = start("second", known, database, data);
      try {
        assertThat(first.ports()).containsOnlyKeys("http").isNotEqualTo(second.ports());
        Map<String, Map<String, Object>> all =
            Map.of(
                "closed", Map.of(),
                "first", Map.copyOf(first.ports()),
                "second", Map.copyOf(second.ports()));
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () -> {
                  assertThat(portsByNode(first)).isEqualTo(all);
                  assertThat(portsByNode(second)).isEqualTo(all);
                });
      } finally {
        await(second.stop());
        await(first.stop());
      }
    }
  }

  @Test
  void aNodeWhoseClusterManagerHasEndedIsOver(@TempDir Path data) {
    try (TestDatabase database = TestDatabase.fresh();
        TestCluster cluster = TestCluster.start("other")) {
      HazelcastInstance known = cluster.node("other").cluster().hazelcast();
      Node node = start("lonely", known, database, data);
      try {
        Hazelcast.getAllHazelcastInstances().stream()
            .filter(each -> each.getName().contains("/lonely/"))
            .forEach(each -> each.getLifecycleService().terminate());
        assertThat(await(node.over())).contains("start it again");
      } finally {
        await(node.stop());
      }
    }
  }

  @Test
  void aServerBringsAnEmptyDatabaseToWhatItNeedsAndSaysHowItIsReached(@TempDir Path data)
      throws IOException, InterruptedException {
    Map<String, String> flags = new HashMap<>();
    DoorKeys.all().forEach(door -> flags.put(door.enabled().key(), "false"));
    flags.put("node.name", "server-2");
    flags.put("cluster.name", "test-" + UUID.randomUUID());
    flags.put("cluster.servers", "server-1,server-2");
    flags.put("cluster.host", "localhost");
    flags.put("database.url", TestDatabase.schema().url());
    flags.put("admin.password", "a secret");
    flags.put("data", data.toString());
    flags.put("http.host", "0.0.0.0");
    flags.put("http.port", "0");
    Node node = await(Node.start(NodeSettings.load("demo", null, Map.of(), flags)));
    try {
      String url = "http://localhost:" + node.ports().get("http");
      var shown = node(node, "server-2");
      assertThat(shown.getString("url")).isEqualTo(url);
      assertThat(shown.getInteger("rank")).isEqualTo(2);
      HttpRequest login =
          HttpRequest.newBuilder(URI.create(url + "/api/v1/login"))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"user\": \"admin\", \"password\": \"a secret\"}"))
              .build();
      var answer = CLIENT.send(login, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.body()).contains("\"roles\":[\"admin\"]");
    } finally {
      await(node.stop());
    }
  }

  private static JsonObject node(Node asked, String name) throws IOException, InterruptedException {
    var nodes = status(asked);
    return IntStream.range(0, nodes.size())
        .mapToObj(nodes::getJsonObject)
        .filter(node -> node.getString("name").equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** A node that is only a gateway, in the cluster of another. */
  private static Node start(
      String name, HazelcastInstance known, TestDatabase database, Path data) {
    var address = known.getCluster().getLocalMember().getAddress();
    Map<String, String> flags = new HashMap<>();
    DoorKeys.all().forEach(door -> flags.put(door.enabled().key(), "false"));
    flags.putAll(
        Map.of(
            "node.name",
            name,
            "node.roles",
            "gateway",
            "cluster.name",
            known.getConfig().getClusterName(),
            "cluster.members",
            address.getHost() + ":" + address.getPort(),
            "database.url",
            database.address().url(),
            "data",
            data.toString(),
            "http.port",
            "0"));
    return await(Node.start(NodeSettings.load("demo", null, Map.of(), flags)));
  }

  private static Map<String, Map<String, Object>> portsByNode(Node node)
      throws IOException, InterruptedException {
    var nodes = status(node);
    return IntStream.range(0, nodes.size())
        .mapToObj(nodes::getJsonObject)
        .collect(
            Collectors.toMap(
                each -> each.getString("name"), each -> each.getJsonObject("ports").getMap()));
  }

  private static JsonArray status(Node node) throws IOException, InterruptedException {
    URI status = URI.create("http://127.0.0.1:" + node.ports().get("http") + "/api/v1/cluster");
    var answer =
        CLIENT.send(HttpRequest.newBuilder(status).build(), HttpResponse.BodyHandlers.ofString());
    return new JsonObject(answer.body()).getJsonArray("nodes");
  }
}
