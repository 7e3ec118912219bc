package dev.batuta.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.batuta.node.ClusterFile;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients of {@code test-plans/clients}, each through the real ports of a cluster. */
class ExampleClientsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String USER = "33333333333";

  @TempDir static Path data = Path.of("");
  private static @Nullable RealCluster running;
  private static final Client HTTP = Client.anywhere();
  private static final Map<ExampleLanguage, String> MISSING = new EnumMap<>(ExampleLanguage.class);

  /** They stay until the end: none of their tasks waits for one that is gone. */
  private static final List<ExampleClient> WORKERS = new ArrayList<>();

  /** Without workers of its own: those that are here did what was done. */
  @BeforeAll
  static void up() throws IOException {
    for (ExampleLanguage language : ExampleLanguage.values()) {
      try {
        language.prepare();
      } catch (ExampleLanguage.Missing missing) {
        MISSING.put(language, Objects.requireNonNull(missing.getMessage()));
      }
    }
    running = RealCluster.up(data, "--servers", "2", "--workers", "0");
    HTTP.login(servers().getFirst().url());
  }

  @AfterAll
  static void down() {
    WORKERS.forEach(ExampleClient::close);
    HTTP.close();
    if (running != null) {
      running.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerDoesWhatIsSubmittedOverHttp(ExampleLanguage language) throws IOException {
    assumeRuns(language);
    ClusterFile.Server server = servers().getFirst();
    String name = "w-" + language.lowerCase();
    ExampleClient worker =
        ExampleClient.start(language, "worker", "127.0.0.1", server.port("workers-tcp"), name);
    WORKERS.add(worker);

    Set<String> done = new HashSet<>();
    Awaitility.await(name + " does tasks of both kinds")
        .atMost(PATIENCE)
        .until(
            () -> {
              done.addAll(kindsDoneBy(name, server.url()));
              return done.containsAll(Set.of("QUERY", "UPDATE"));
            });

    worker.awaitLine(name + " does QUERY for " + USER);
    worker.awaitLine(name + " does UPDATE for " + USER);
    JsonObject account = HTTP.body(server.url(), "/api/v1/accounts/" + USER);
    assertThat(account.getString("balance")).isEqualTo("120.50");
    assertThat(HTTP.body(server.url(), "/api/v1/audit").getBoolean("ok")).isTrue();
  }

  /** Of some tasks that all become done. */
  private static Set<String> kindsDoneBy(String worker, String url) throws IOException {
    JsonArray tasks = new JsonArray();
    for (int i = 0; i < 10; i++) {
      JsonObject payload = new JsonObject().put("user", USER);
      tasks.add(new JsonObject().put("kind", "QUERY").put("payload", payload));
      tasks.add(
          new JsonObject()
              .put("kind", "UPDATE")
              .put("payload", payload.copy().put("amount", "120.50")));
    }
    Client.Answer accepted =
        HTTP.post(
            url,
            "/api/v1/tasks/batch",
            UUID.randomUUID().toString(),
            new JsonObject().put("tasks", tasks));
    assertThat(accepted.status()).as(accepted.body().encode()).isEqualTo(202);
    Set<String> kinds = new HashSet<>();
    for (Object id : accepted.body().getJsonArray("ids")) {
      JsonObject task = HTTP.body(url, "/api/v1/tasks/" + id + "?waitMillis=10000");
      assertThat(task.getString("state")).as(task.encode()).isEqualTo("DONE");
      if (worker.equals(task.getString("worker"))) {
        kinds.add(task.getString("kind"));
      }
    }
    return kinds;
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerGoesWhereItIsSentAndReturnsWhenItIsTold(ExampleLanguage language) throws IOException {
    assumeRuns(language);
    try (Master home = Master.open("home");
        Master other = Master.open("other");
        ExampleClient worker =
            ExampleClient.start(language, "worker", "127.0.0.1", home.port(), "w-lent")) {
      home.send("REDIRECT", other.port());
      worker.awaitLine("w-lent goes to 127.0.0.1:" + other.port());
      other.send("RETURN", home.port());
      worker.awaitLine("w-lent goes to 127.0.0.1:" + home.port());
      home.send("REDIRECT", other.port());
      other.awaitWorker("w-lent");
    }
  }

  @Test
  void clientsOfAllLanguagesHearEachOtherInOneChannel() throws IOException {
    Map<ExampleLanguage, ExampleClient> clients = new LinkedHashMap<>();
    try {
      for (ExampleLanguage language : ExampleLanguage.values()) {
        if (!MISSING.containsKey(language)) {
          clients.put(language, chat(language, servers().get(clients.size() % 2)));
        }
      }
      assumeTrue(clients.size() > 1, "one language alone talks to nobody: " + MISSING);
      clients.values().forEach(client -> client.awaitLine("joined conversa"));
      awaitSubscriptions(clients);

      clients.forEach((language, client) -> client.say("olá of " + language));
      List<String> said =
          clients.keySet().stream().map(each -> each.lowerCase() + ": olá of " + each).toList();
      for (ExampleClient client : clients.values()) {
        said.forEach(client::awaitLine);
        assertThat(client.printed()).doesNotHaveDuplicates();
      }
      List<String> kept =
          HTTP.items(servers().getLast().url(), "/api/v1/channels/conversa/messages").stream()
              .map(message -> message.getString("user") + ": " + message.getString("text"))
              .toList();
      assertThat(kept).containsAll(said);
      clients.forEach(
          (language, client) -> assertThat(client.endInput()).as("%s", language).isZero());
    } finally {
      clients.values().forEach(ExampleClient::close);
    }
  }

  private static ExampleClient chat(ExampleLanguage language, ClusterFile.Server server) {
    return ExampleClient.start(
        language,
        "chat",
        language.lowerCase(),
        "conversa",
        "127.0.0.1",
        server.port("zeromq-services"),
        server.port("zeromq-subscribe"));
  }

  /** A subscription is on its way for a moment: one of them repeats until all have heard it. */
  private static void awaitSubscriptions(Map<ExampleLanguage, ExampleClient> clients) {
    ExampleClient first = clients.values().iterator().next();
    int[] round = {0};
    Awaitility.await("all hear")
        .atMost(PATIENCE)
        .until(
            () -> {
              first.say("can you hear me? " + round[0]++);
              return clients.values().stream()
                  .allMatch(
                      client ->
                          client.printed().stream().anyMatch(line -> line.contains("hear me?")));
            });
  }

  private static void assumeRuns(ExampleLanguage language) {
    assumeTrue(!MISSING.containsKey(language), () -> MISSING.get(language));
  }

  private static List<ClusterFile.Server> servers() throws IOException {
    return ClusterFile.read(data).orElseThrow().servers();
  }
}
