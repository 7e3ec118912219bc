package dev.batuta.gateway.foreign;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.Addresses;
import dev.batuta.codec.Message;
import dev.batuta.codec.TaskMessage.Accepted;
import dev.batuta.codec.TaskMessage.AskCounts;
import dev.batuta.codec.TaskMessage.Counts;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Read;
import dev.batuta.codec.TaskMessage.Submit;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.TaskMessage.WorkerView;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.BareGateway;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.GatewayParts;
import dev.batuta.gateway.GatewaySettings;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.TlsSettings;
import dev.batuta.ledger.Audit;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.lending.LendingVerticle;
import dev.batuta.lending.Thresholds;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A server with orchestrator and lending on a real database, and the door of foreign workers. */
final class ForeignFixture implements AutoCloseable {
  static final String NODE = "server-1";
  static final String USER = "11111111111";
  static final String OTHER = "22222222222";
  static final int MAX_CONNECTIONS = 100;
  static final Duration LONG = Duration.ofSeconds(30);

  /** Within which a message has to be whole. */
  static final Duration OPENING = Duration.ofSeconds(2);

  private static final Duration IDLE = Duration.ofSeconds(90);
  private static final Thresholds NO_LENDING = new Thresholds(100, 10, 1, Duration.ofSeconds(2));

  private final Shared shared;
  static final int MAX_BYTES = 64 << 10;

  /** Of messages that are not complete. */
  static final int HELD_BYTES = 16 * MAX_BYTES;

  private final boolean isLast;
  private final TestNode node;
  private final Database connected;
  private final MySqlLedgerStore ledger;
  private final DoorCounts tcp = new DoorCounts();
  private final DoorCounts webSocket = new DoorCounts();
  private final ForeignDoor door;

  ForeignFixture(
      WorkerTimes times, int maxConnections, Thresholds thresholds, ForeignPeer... peers) {
    this(times, maxConnections, thresholds, Origins.SAME_HOST, Optional.empty(), IDLE, peers);
  }

  /** That closes connections which say nothing for so long. */
  ForeignFixture(Duration idle) {
    this(
        WorkerTimes.DEFAULT,
        MAX_CONNECTIONS,
        NO_LENDING,
        Origins.SAME_HOST,
        Optional.empty(),
        idle);
  }

  /** That browsers may come to from these pages, and that speaks TLS if there is a certificate. */
  ForeignFixture(Origins origins, Optional<TlsSettings> tls) {
    this(WorkerTimes.DEFAULT, MAX_CONNECTIONS, NO_LENDING, origins, tls, IDLE);
  }

  /** Of one server. */
  private ForeignFixture(
      WorkerTimes times,
      int maxConnections,
      Thresholds thresholds,
      Origins origins,
      Optional<TlsSettings> tls,
      Duration idle,
      ForeignPeer... peers) {
    this(
        new Shared(NODE), true, NODE, times, maxConnections, thresholds, origins, tls, idle, peers);
    await(ledger.seedDemo());
  }

  /** Database and cluster. */
  private record Shared(TestDatabase database, TestCluster cluster) {
    Shared(String... names) {
      this(TestDatabase.fresh(), TestCluster.start(names));
    }

    void close() {
      cluster.close();
      database.close();
    }
  }

  /** Servers of one cluster, each with its door; the last is to be closed last. */
  static List<ForeignFixture> servers(WorkerTimes times, Thresholds thresholds, String... names) {
    Shared shared = new Shared(names);
    List<ForeignFixture> servers =
        Stream.of(names)
            .map(
                name ->
                    new ForeignFixture(
                        shared,
                        name.equals(names[names.length - 1]),
                        name,
                        times,
                        100,
                        thresholds,
                        Origins.SAME_HOST,
                        Optional.empty(),
                        IDLE))
            .toList();
    await(servers.getFirst().ledger.seedDemo());
    return servers;
  }

  private ForeignFixture(
      Shared shared,
      boolean isLast,
      String name,
      WorkerTimes times,
      int maxConnections,
      Thresholds thresholds,
      Origins origins,
      Optional<TlsSettings> tls,
      Duration idle,
      ForeignPeer... peers) {
    this.shared = shared;
    this.isLast = isLast;
    this.node = shared.cluster().node(name);
    this.connected = Database.connect(node.vertx(), shared.database().address(), 8);
    this.ledger = new MySqlLedgerStore(connected);
    OrchestratorVerticle orchestrator =
        new OrchestratorVerticle(
            node.bus(),
            new MySqlTaskStore(connected),
            OrchestratorSettings.of(100_000, 5, Duration.ofSeconds(1), Duration.ofDays(1)),
            node.membership()::servers);
    await(node.vertx().deployVerticle(orchestrator));
    node.farm().set(orchestrator::farm);
    await(
        node.vertx()
            .deployVerticle(
                new LendingVerticle(
                    node.bus(),
                    orchestrator::farm,
                    node.membership()::servers,
                    Map.of("workers-tcp", Via.TCP, "workers-ws", Via.WS),
                    thresholds,
                    System.currentTimeMillis())));
    door =
        new ForeignDoor(
            node.vertx(),
            new ForeignSettings(
                Optional.of(
                    new ForeignSettings.Side(
                        settings("workers-tcp", maxConnections, tls, idle), tcp)),
                Optional.of(
                    new ForeignSettings.Side(
                        settings("workers-ws", maxConnections, tls, idle), webSocket)),
                origins,
                List.of(peers)),
            BareGateway.of(node, connected, "demo"),
            times);
    await(door.open());
    node.ports().set(door.ports());
    Awaitility.await().atMost(LONG).ignoreExceptions().until(() -> !counts().states().isEmpty());
  }

  /** Of workers only. */
  ForeignFixture(WorkerTimes times) {
    this(times, 5_000, NO_LENDING);
  }

  private static DoorSettings settings(
      String name, int maxConnections, Optional<TlsSettings> tls, Duration idle) {
    return new DoorSettings(
        name,
        new Listening.Place("127.0.0.1", 0, name + ".host", name + ".port"),
        new AllowedHosts(List.of()),
        maxConnections,
        MAX_BYTES,
        HELD_BYTES,
        1_000,
        idle,
        OPENING,
        tls);
  }

  /** One more node of the cluster, on which nothing runs. */
  TestNode addNode(String name) {
    TestNode added = shared.cluster().add(name);
    shared.cluster().awaitAll();
    return added;
  }

  /** A door on a node of its own, which is no server; who opens it closes it first. */
  ForeignDoor doorElsewhere(String name, WorkerTimes times) {
    TestNode elsewhere = addNode(name);
    Database reached = Database.connect(elsewhere.vertx(), shared.database().address(), 2);
    GatewayParts all = BareGateway.of(elsewhere, reached, "demo").parts();
    Gateway gateway =
        new Gateway(
            elsewhere.vertx(),
            new GatewaySettings("test", "demo", Duration.ofSeconds(5)),
            new GatewayParts(
                all.bus(),
                all.members(),
                () -> all.servers().get().stream().filter(one -> !one.name().equals(name)).toList(),
                all.ledger(),
                all.users(),
                all.coordinator(),
                all.clock(),
                all.messages(),
                all.kinds(),
                all.countRequest()));
    DoorSettings settings = settings("workers-tcp", 10, Optional.empty(), IDLE);
    ForeignDoor other =
        new ForeignDoor(
            elsewhere.vertx(),
            new ForeignSettings(
                Optional.of(new ForeignSettings.Side(settings, new DoorCounts())),
                Optional.empty(),
                Origins.SAME_HOST,
                List.of()),
            gateway,
            times);
    await(other.open());
    return other;
  }

  int tcpPort() {
    return Objects.requireNonNull(door.ports().get("workers-tcp"));
  }

  int webSocketPort() {
    return Objects.requireNonNull(door.ports().get("workers-ws"));
  }

  ForeignDoor door() {
    return door;
  }

  DoorCounts tcp() {
    return tcp;
  }

  DoorCounts webSocket() {
    return webSocket;
  }

  TestNode node() {
    return node;
  }

  MySqlLedgerStore ledger() {
    return ledger;
  }

  static Payload query(String user) {
    return new Query(user);
  }

  static Payload set(String user, String amount) {
    return new Update(user, Operation.SET, amount);
  }

  static Payload deposit(String user, String amount) {
    return new Update(user, Operation.DEPOSIT, amount);
  }

  /** Ids of tasks that are accepted, with attempts as configured. */
  List<Long> submit(Payload... payloads) {
    List<NewTask> tasks =
        Stream.of(payloads).map(payload -> new NewTask(payload, 0, 0, 0, 0)).toList();
    return ask(new Submit("tester", null, tasks), Accepted.class).ids();
  }

  Task read(long id) {
    return ask(new Read(id, 0), Task.class);
  }

  /** The task, once it has ended. */
  Task ended(long id) {
    Task task = ask(new Read(id, 20_000), Task.class);
    if (!task.state().isFinal()) {
      throw new AssertionError("not ended: " + task);
    }
    return task;
  }

  Counts counts() {
    return ask(new AskCounts(), Counts.class);
  }

  List<WorkerView> farm() {
    return counts().workers();
  }

  private <M extends Message> M ask(Message message, Class<M> answer) {
    return await(node.bus().request(Addresses.tasks(node.name()), message, answer, LONG));
  }

  /** A worker of this implementation. */
  void startNativeWorker(String name) {
    await(
        node.vertx()
            .deployVerticle(
                new WorkerVerticle(
                    node.bus(),
                    ledger,
                    WorkerSettings.of(
                        name,
                        node.name(),
                        100,
                        Duration.ofSeconds(1),
                        () -> List.of(node.name()),
                        () -> true))));
  }

  BigDecimal balance(String user) {
    return await(ledger.account(user)).orElseThrow().balance();
  }

  Audit audit() {
    return await(ledger.audit());
  }

  /** How many entries an account has beside its opening. */
  int changes(String user) {
    return await(ledger.entries(user, 0, 10_000)).size() - 1;
  }

  @Override
  public void close() {
    await(door.close());
    if (isLast) {
      shared.close();
    }
  }
}
