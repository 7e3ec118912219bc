package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Member;
import dev.batuta.codec.Message;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.AskCounts;
import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Clustered nodes with an orchestrator each, and workers, on a real database. */
final class TaskCluster implements AutoCloseable {
  static final Duration HEARTBEAT = Duration.ofMillis(300);

  private final TestCluster cluster;
  private final DatabaseAddress address;
  private final Map<String, Database> databases = new HashMap<>();
  private final Map<String, String> deployments = new HashMap<>();

  TaskCluster(DatabaseAddress address, String... servers) {
    this.address = address;
    this.cluster = TestCluster.start(servers);
    for (String server : servers) {
      databases.put(server, Database.connect(node(server).vertx(), address, 8));
      startServer(server, 1_000_000);
    }
  }

  TestNode node(String server) {
    return cluster.node(server);
  }

  private Database database(String server) {
    return Objects.requireNonNull(databases.get(server));
  }

  TaskStore tasks(String server) {
    return new MySqlTaskStore(database(server));
  }

  LedgerStore ledger(String server) {
    return new MySqlLedgerStore(database(server));
  }

  void startServer(String server, int maxQueue) {
    OrchestratorVerticle verticle =
        new OrchestratorVerticle(
            node(server).bus(),
            tasks(server),
            OrchestratorSettings.of(maxQueue, 5, HEARTBEAT),
            () -> live(server));
    deployments.put(server, await(node(server).vertx().deployVerticle(verticle)));
  }

  private List<String> live(String server) {
    return node(server).membership().servers().stream().map(Member::name).toList();
  }

  void startWorker(String worker, String server) {
    WorkerVerticle verticle =
        new WorkerVerticle(
            node(server).bus(),
            ledger(server),
            WorkerSettings.of(worker, server, 1000, HEARTBEAT, () -> live(server)));
    deployments.put(worker, await(node(server).vertx().deployVerticle(verticle)));
    awaitWorker(server, worker);
  }

  void awaitWorker(String server, String worker) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> counts(server).workers().stream().anyMatch(w -> w.id().equals(worker)));
  }

  void stop(String name, String server) {
    await(node(server).vertx().undeploy(Objects.requireNonNull(deployments.remove(name))));
  }

  Counts counts(String server) {
    return ask(server, server, new AskCounts(), Counts.class);
  }

  Accepted submit(String server, @Nullable String key, Payload... payloads) {
    List<NewTask> tasks =
        List.of(payloads).stream().map(payload -> new NewTask(payload, 0, 0, 0, 0)).toList();
    return ask(server, server, new Submit("tester", key, tasks), Accepted.class);
  }

  /** Reads on one node, by the orchestrator of a server, and waits for the end. */
  Task ended(String server, long id) {
    return ask(server, server, new Read(id, 30_000), Task.class);
  }

  <M extends Message> M ask(String from, String server, Message message, Class<M> answer) {
    return await(
        node(from).bus().request(Addresses.tasks(server), message, answer, Duration.ofSeconds(40)));
  }

  static Payload deposit(String user, String amount) {
    return new Update(user, Operation.DEPOSIT, amount);
  }

  static Payload[] deposits(String user, int count) {
    return Collections.nCopies(count, deposit(user, "0.01")).toArray(Payload[]::new);
  }

  @Override
  public void close() {
    databases.values().forEach(database -> await(database.close()));
    cluster.close();
  }

  DatabaseAddress address() {
    return address;
  }
}
