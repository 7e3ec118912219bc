package dev.batuta.orchestrator;

import static dev.batuta.node.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
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
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.WorkerAlive;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.database.IncarnationLock;
import dev.batuta.election.EpochStore;
import dev.batuta.election.EpochStore.Claim;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.http.HttpDoor;
import dev.batuta.gateway.http.HttpSettings;
import dev.batuta.gateway.http.Readiness;
import dev.batuta.identity.AdminToken;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.SigningKey;
import dev.batuta.ledger.LedgerStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.lending.LendingVerticle;
import dev.batuta.lending.Thresholds;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.succession.LeaseVerticle;
import dev.batuta.succession.MySqlLeaseStore;
import dev.batuta.succession.MySqlSuccessionStore;
import dev.batuta.succession.SuccessionStore;
import dev.batuta.succession.SuccessionVerticle;
import dev.batuta.task.TaskHandlers;
import dev.batuta.tracing.Tracing;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Clustered nodes with an orchestrator each, and workers, on a real database. */
final class TaskCluster implements AutoCloseable {
  /** On a busy machine a worker may be late by some of these, and is not to be missed for it. */
  static final Duration HEARTBEAT = Duration.ofSeconds(1);

  private static final Duration LONG = Duration.ofSeconds(60);

  private final TestCluster cluster;
  private final DatabaseAddress address;
  private final Map<String, Database> databases = new HashMap<>();
  private final Map<String, IncarnationLock> locks = new HashMap<>();
  private final Map<String, String> deployments = new HashMap<>();
  private final Duration stranded;
  private long epoch;

  /** Of servers that keep their tasks, whether they have workers or not. */
  TaskCluster(DatabaseAddress address, String... servers) {
    this(address, Duration.ofDays(1), servers);
  }

  TaskCluster(DatabaseAddress address, Duration stranded, String... servers) {
    this(address, stranded, node -> Tracing.passive(), servers);
  }

  TaskCluster(
      DatabaseAddress address,
      Duration stranded,
      Function<String, Tracing> tracing,
      String... servers) {
    this.address = address;
    this.stranded = stranded;
    this.cluster = TestCluster.start(tracing, servers);
    for (String server : servers) {
      databases.put(server, Database.connect(node(server).vertx(), address, 8));
      startServer(server, 1_000_000);
    }
    List.of(servers).forEach(this::awaitServer);
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
            OrchestratorSettings.of(maxQueue, 5, HEARTBEAT, stranded),
            node(server).membership()::servers);
    node(server).farm().set(verticle::farm);
    deployments.put(server, await(node(server).vertx().deployVerticle(verticle)));
  }

  /** Waits until a server has a term, and every node knows where to ask it. */
  void awaitServer(String server) {
    Awaitility.await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(
            () ->
                cluster.nodes().stream()
                    .noneMatch(
                        node ->
                            ask(node.name(), server, new AskCounts(), Counts.class)
                                .states()
                                .isEmpty()));
  }

  private List<String> live(String server) {
    return node(server).membership().servers().stream().map(Member::name).toList();
  }

  /** Gives every server a lease, and makes one the coordinator, with powers. */
  void coordinate(String coordinator, Duration grace) {
    cluster.nodes().forEach(node -> startLease(node.name()));
    EpochStore epochs =
        new MySqlEpochStore(database(coordinator), Objects.requireNonNull(locks.get(coordinator)));
    long incarnation = node(coordinator).incarnation();
    epoch = ((Claim.Won) await(epochs.claim(coordinator, incarnation, 0))).epoch();
    await(
        node(coordinator)
            .vertx()
            .deployVerticle(
                new SuccessionVerticle(
                    node(coordinator).bus(),
                    new MySqlSuccessionStore(database(coordinator)),
                    incarnation,
                    () -> Optional.of(epoch),
                    node(coordinator).membership()::servers,
                    grace)));
  }

  private void startLease(String server) {
    IncarnationLock lock = new IncarnationLock(database(server));
    locks.put(server, lock);
    await(
        node(server)
            .vertx()
            .deployVerticle(
                new LeaseVerticle(
                    new MySqlLeaseStore(database(server), lock),
                    server,
                    node(server).incarnation())));
  }

  /** Ends a server as a kill does: its connections close, and it says nothing. */
  void crash(String server) {
    await(database(server).close());
    await(Objects.requireNonNull(locks.remove(server)).close());
    databases.remove(server);
    cluster.crash(server);
  }

  /**
   * Starts a gateway on the node of a server.
   *
   * @return its port
   */
  int startGateway(String server) {
    TestNode node = node(server);
    HttpDoor door =
        new HttpDoor(
            node.vertx(),
            new HttpSettings(
                "127.0.0.1",
                0,
                8 << 20,
                64 << 20,
                10_000,
                10,
                5_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(90),
                Optional.empty(),
                Origins.SAME_HOST,
                Optional.empty(),
                Optional.empty()),
            BareGateway.of(node, database(server), "production"),
            new DoorCounts(),
            () -> Readiness.READY,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    await(door.open());
    return Objects.requireNonNull(door.ports().get(HttpDoor.PORT));
  }

  /** A token of an admin, good at every gateway. */
  String adminToken(String server) {
    SigningKey key = await(new MySqlUserStore(database(server)).keys().current());
    return AdminToken.issue(node(server).vertx(), key, Duration.ofHours(1));
  }

  /** Starts a server that crashed, as a new process. */
  void restart(String server) {
    cluster.add(server);
    cluster.awaitAll();
    databases.put(server, Database.connect(node(server).vertx(), address, 8));
    startLease(server);
    startServer(server, 1_000_000);
    awaitServer(server);
  }

  /** Takes the queue of a server that lives, as after a silence, and tells nobody. */
  void takeQuietly(String coordinator, String server, String heir) {
    Database of = database(coordinator);
    await(of.update("UPDATE server_lease SET released = TRUE WHERE server = ?", Tuple.of(server)));
    SuccessionStore succession = new MySqlSuccessionStore(of);
    long incarnation = node(coordinator).incarnation();
    assertThat(await(succession.take(epoch, incarnation, server, heir)).answer())
        .isEqualTo(SuccessionStore.Answer.TAKEN);
  }

  void startWorker(String worker, String server) {
    startWorker(worker, server, server, 1000, TaskHandlers.none(), () -> {});
  }

  /** One that takes kinds of users' own too. */
  void startWorker(String worker, String server, TaskHandlers handlers, Runnable crash) {
    startWorker(worker, server, server, 1000, handlers, crash);
  }

  /** Starts a worker of a server on the node of another one, with whom it dies. */
  void startWorker(String worker, String home, String on, int credits) {
    startWorker(worker, home, on, credits, TaskHandlers.none(), () -> {});
  }

  private void startWorker(
      String worker, String home, String on, int credits, TaskHandlers handlers, Runnable crash) {
    WorkerVerticle verticle =
        new WorkerVerticle(
            node(on).bus(),
            ledger(on),
            handlers,
            WorkerSettings.of(worker, home, credits, HEARTBEAT, () -> live(on), () -> true),
            crash);
    deployments.put(worker, await(node(on).vertx().deployVerticle(verticle)));
    awaitWorker(home, worker);
  }

  /**
   * Registers a worker that the test plays, on the node of its server; it is not missed.
   *
   * @param hears answers what it is told
   * @return lets it fall silent
   */
  Runnable playWorker(
      String worker, String server, int credits, Function<Envelope, Future<Done>> hears) {
    Bus bus = node(server).bus();
    await(bus.serve(Addresses.worker(worker), hears::apply));
    await(
        bus.request(
            Addresses.workers(server),
            new Register(worker, server, 1, credits, List.of()),
            Registered.class,
            LONG));
    Vertx vertx = node(server).vertx();
    long beat =
        vertx.setPeriodic(
            HEARTBEAT.toMillis() / 5,
            timer ->
                bus.request(
                    Addresses.workers(server),
                    new WorkerAlive(worker, 1, 0, false),
                    Done.class,
                    LONG));
    return () -> vertx.cancelTimer(beat);
  }

  /** Lets every server lend and borrow. */
  void lend(Thresholds thresholds) {
    for (TestNode node : cluster.nodes()) {
      LendingVerticle verticle =
          new LendingVerticle(
              node.bus(),
              node::workers,
              node.membership()::servers,
              Map.of(),
              thresholds,
              System.currentTimeMillis());
      await(node.vertx().deployVerticle(verticle));
    }
  }

  /** Names of the workers that a server lists. */
  Set<String> farm(String server) {
    return counts(server).workers().stream().map(WorkerView::id).collect(Collectors.toSet());
  }

  void awaitWorker(String server, String worker) {
    Awaitility.await()
        .atMost(LONG)
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
