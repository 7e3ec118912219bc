package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static dev.batuta.orchestrator.TaskCluster.deposit;
import static dev.batuta.orchestrator.TaskCluster.deposits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Done;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.Cancel;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.TryAgain;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.database.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server whose only worker falls silent, as one that hangs does, while others have workers. */
class StrandedClusterTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final List<String> SERVERS = List.of("s1", "s2", "s3");

  private final TestDatabase database = TestDatabase.fresh();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, Integer> ports = new HashMap<>();

  /** That the worker of s2 was sent: it ends none of them. */
  private final Set<Long> sent = ConcurrentHashMap.newKeySet();

  private TaskCluster cluster;
  private String token = "";

  @BeforeEach
  void start() {
    cluster = new TaskCluster(database.address(), Duration.ofMillis(500), "s1", "s2", "s3");
    cluster.coordinate("s1", Duration.ofHours(1));
    cluster.startWorker("w1", "s1");
    cluster.startWorker("w3", "s3");
    await(cluster.ledger("s1").create("u", new BigDecimal("100.00"), BigDecimal.ZERO));
    SERVERS.forEach(server -> ports.put(server, cluster.startGateway(server)));
    token = cluster.adminToken("s1");
  }

  @AfterEach
  void stop() {
    assertThat(await(cluster.ledger("s1").audit()).ok()).isTrue();
    client.close();
    cluster.close();
    database.close();
  }

  /** The only worker of s2, which takes what it is sent and does nothing; lets it fall silent. */
  private Runnable deaf(int most) {
    return cluster.playWorker(
        "w2",
        "s2",
        most,
        envelope -> {
          if (envelope.message() instanceof Run run) {
            run.tasks().forEach(task -> sent.add(task.id()));
          }
          return Future.succeededFuture(new Done());
        });
  }

  private void awaitSeenWithoutWorkers(String server) {
    awaitSeen(server, workers -> workers == 0);
  }

  /** Where tasks go is decided by what heartbeats say of workers. */
  private void awaitSeen(String server, LongPredicate workers) {
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                SERVERS.stream()
                    .allMatch(
                        each ->
                            cluster
                                .node(each)
                                .membership()
                                .member(server)
                                .filter(seen -> workers.test(seen.last().workers()))
                                .isPresent()));
  }

  private JsonObject http(String method, String server, String path, @Nullable JsonObject body) {
    try {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + ports.get(server) + "/api/v1/" + path))
                  .timeout(LONG)
                  .header("Authorization", "Bearer " + token)
                  .header("Content-Type", "application/json")
                  .method(
                      method,
                      body == null
                          ? HttpRequest.BodyPublishers.noBody()
                          : HttpRequest.BodyPublishers.ofString(body.encode()))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
      return new JsonObject(answer.body());
    } catch (IOException | InterruptedException broken) {
      throw new AssertionError(method + " " + path, broken);
    }
  }

  private static JsonObject depositJson(String key) {
    return new JsonObject()
        .put("kind", "UPDATE")
        .put("idempotencyKey", key)
        .put(
            "payload",
            new JsonObject().put("user", "u").put("operation", "deposit").put("amount", "0.01"));
  }

  private BigDecimal balance() {
    return await(cluster.ledger("s1").account("u")).orElseThrow().balance();
  }

  private Future<Task> ending(String server, long id) {
    return cluster
        .node(server)
        .bus()
        .request(Addresses.tasks(server), new Read(id, 50_000), Task.class, Duration.ofSeconds(55));
  }

  @Test
  void whatIsSubmittedToItIsDoneByOthersAndAKeyGivesTheSameTaskEverywhere() {
    Runnable silence = deaf(1000);
    awaitSeen("s2", workers -> workers > 0);
    String before = http("POST", "s2", "tasks", depositJson("before")).getString("id");
    assertThat(http("GET", "s2", "tasks/" + before, null).getString("owner")).isEqualTo("s2");
    silence.run();
    awaitSeenWithoutWorkers("s2");

    JsonObject done = http("POST", "s2", "tasks?waitMillis=30000", depositJson("k"));
    assertThat(done.getString("state")).isEqualTo("DONE");
    assertThat(done.getString("owner")).isIn("s1", "s3");
    assertThat(done.getInteger("attempt")).isEqualTo(1);
    for (String server : SERVERS) {
      assertThat(http("GET", server, "tasks/" + done.getString("id"), null)).isEqualTo(done);
      assertThat(http("POST", server, "tasks", depositJson("k")).getString("id"))
          .isEqualTo(done.getString("id"));
      assertThat(http("POST", server, "tasks", depositJson("before")).getString("id"))
          .as("a key from before, at %s", server)
          .isEqualTo(before);
    }
    JsonObject batch =
        new JsonObject()
            .put("tasks", new JsonArray(Collections.nCopies(200, bare())))
            .put("idempotencyKey", "b");
    JsonArray ids = http("POST", "s2", "tasks/batch", batch).getJsonArray("ids");
    assertThat(http("POST", "s1", "tasks/batch", batch).getJsonArray("ids")).isEqualTo(ids);
    for (Object id : ids) {
      JsonObject task = http("GET", "s2", "tasks/" + id + "?waitMillis=30000", null);
      assertThat(task.getString("state")).isEqualTo("DONE");
      assertThat(task.getInteger("attempt")).isEqualTo(1);
    }
    assertThat(http("GET", "s3", "tasks/" + before + "?waitMillis=30000", null).getString("state"))
        .isEqualTo("DONE");
    assertThat(balance()).isEqualByComparingTo("102.02");
  }

  private static JsonObject bare() {
    JsonObject task = depositJson("");
    task.remove("idempotencyKey");
    return task;
  }

  @Test
  void whatWaitsThereEndsAtOthersOnceAndAtItsFirstAttempt() {
    Runnable silence = deaf(50);
    Accepted accepted = cluster.submit("s2", null, deposits("u", 3000));
    long last = accepted.ids().getLast();
    Awaitility.await().atMost(LONG).until(() -> sent.size() == 50);
    List<Future<Task>> waiters = SERVERS.stream().map(server -> ending(server, last)).toList();

    silence.run();

    for (Future<Task> waiter : waiters) {
      Task task = await(waiter);
      assertThat(task.state()).isEqualTo(State.DONE);
      assertThat(task.owner()).isIn("s1", "s3");
    }
    for (long id : accepted.ids()) {
      Task task = cluster.ended("s2", id);
      assertThat(task.state()).isEqualTo(State.DONE);
      assertThat(task.attempt()).as("attempt of %s", task).isEqualTo(sent.contains(id) ? 2 : 1);
    }
    assertThat(sent).hasSize(50);
    assertThat(balance()).isEqualByComparingTo("130.00");

    // The worker wakes: it registers again, and its server has work of its own.
    await(
        cluster
            .node("s2")
            .bus()
            .request(
                Addresses.workers("s2"),
                new Register("w2", "s2", 2, 50, List.of()),
                Registered.class,
                LONG));
    long next = cluster.submit("s2", null, deposit("u", "0.01")).ids().getFirst();
    Awaitility.await().atMost(LONG).until(() -> sent.contains(next));
    assertThat(cluster.counts("s2").heirOf()).isEmpty();
  }

  @Test
  void whatWasGivenIsCancelledAndTriedAgainThroughAnyServer() {
    Runnable silence = deaf(1);
    long tomorrow = System.currentTimeMillis() + 86_400_000;
    Submit later =
        new Submit("tester", null, List.of(new NewTask(new Compute(0, false), 0, tomorrow, 0, 1)));
    long cancelled = cluster.ask("s2", "s2", later, Accepted.class).ids().getFirst();
    Submit once =
        new Submit("tester", null, List.of(new NewTask(deposit("u", "0.01"), 9, 0, 0, 1)));
    long dead = cluster.ask("s2", "s2", once, Accepted.class).ids().getFirst();
    Awaitility.await().atMost(LONG).until(() -> sent.contains(dead));

    silence.run();
    Awaitility.await()
        .atMost(LONG)
        .until(() -> !cluster.ask("s2", "s2", new Read(dead, 0), Task.class).owner().equals("s2"));
    String heir = cluster.ask("s2", "s2", new Read(dead, 0), Task.class).owner();
    assertThat(cluster.ended("s2", dead).state()).isEqualTo(State.DEAD);
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(
            () ->
                cluster.ask("s2", heir, new Cancel(cancelled, "tester"), Task.class).state()
                    == State.CANCELLED);
    assertThat(cluster.ask("s2", heir, new TryAgain(dead, 1), Task.class).owner()).isEqualTo(heir);
    Task again = cluster.ended("s2", dead);
    assertThat(again.state()).isEqualTo(State.DONE);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(balance()).isEqualByComparingTo("100.01");
  }

  @Test
  void aKindThatNobodyTakesMovesAlongOnceAndStaysThere() {
    Payload[] nobodys = Collections.nCopies(20, new External("{}")).toArray(Payload[]::new);
    Accepted accepted = cluster.submit("s2", null, nobodys);
    Awaitility.await()
        .atMost(LONG)
        .until(
            () ->
                !cluster
                    .ask("s1", "s2", new Read(accepted.ids().getFirst(), 0), Task.class)
                    .owner()
                    .equals("s2"));
    Set<String> owners = new HashSet<>();
    long done = cluster.submit("s2", null, deposit("u", "0.01")).ids().getFirst();
    assertThat(cluster.ended("s2", done).state()).isEqualTo(State.DONE);
    for (long id : accepted.ids()) {
      Task task = cluster.ask("s3", "s3", new Read(id, 0), Task.class);
      assertThat(task.state()).isEqualTo(State.PENDING);
      assertThat(task.attempt()).isEqualTo(1);
      owners.add(task.owner());
    }
    assertThat(owners).hasSize(1).isSubsetOf("s1", "s3");
  }
}
