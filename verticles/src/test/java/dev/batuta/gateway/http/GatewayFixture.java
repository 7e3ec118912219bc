package dev.batuta.gateway.http;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Refused;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.election.Reason;
import dev.batuta.gateway.events.FeedSource;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.messaging.MessagingSettings;
import dev.batuta.messaging.MessagingVerticle;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.Operation;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A whole server in this JVM behind its gateway: real bus, database, orchestrator, worker and
 * messaging. Every answer of an operation is checked against {@code openapi.yaml}.
 */
final class GatewayFixture implements AutoCloseable {
  static final int MAX_STREAMS = 50;

  private static final String NODE = "server-1";
  private static final AtomicInteger BROKEN = new AtomicInteger();

  final ContractChecker checker;
  final TestDatabase database = TestDatabase.fresh();
  final TestCluster cluster = TestCluster.start(NODE);

  /** How the election of server-1 goes when it is asked for one. */
  volatile Supplier<Future<Done>> election = () -> announce(coordinator.epoch() + 1);

  /** Who coordinates, as this node knows it. */
  private volatile View coordinator = coordinates(3);

  /** Whether who asks for messages gets an exception thrown, and no future. */
  volatile boolean defective;

  private final HttpClient client = HttpClient.newHttpClient();
  private final MySqlUserStore users;
  private final MySqlLedgerStore ledger;
  private final MessagingVerticle messaging;
  private final Database connected;
  private final GatewayVerticle demo;
  private final Set<Promise<Void>> feeds = ConcurrentHashMap.newKeySet();

  GatewayFixture(Path folder) {
    TestNode node = cluster.node(NODE);
    connected = Database.connect(node.vertx(), database.address(), 8);
    users = new MySqlUserStore(connected);
    ledger = new MySqlLedgerStore(connected);
    checker = new ContractChecker(node.vertx());
    await(users.seedDemo());
    await(ledger.seedDemo());
    messaging =
        new MessagingVerticle(
            node.bus(),
            new MessagingSettings(NODE, folder, List.of(NODE)),
            System::currentTimeMillis,
            () -> Optional.of(NODE));
    await(
        node.vertx()
            .deployVerticle(
                new OrchestratorVerticle(
                    node.bus(),
                    new MySqlTaskStore(connected),
                    OrchestratorSettings.of(
                        10_000, 5, Duration.ofSeconds(1), Duration.ofSeconds(2)),
                    node.membership()::servers)));
    await(
        node.vertx()
            .deployVerticle(
                new WorkerVerticle(
                    node.bus(),
                    ledger,
                    TaskHandlers.of(List.of(new Own())),
                    WorkerSettings.of(
                        "W1", NODE, 100, Duration.ofMillis(200), () -> List.of(NODE), () -> true),
                    () -> {})));
    await(node.vertx().deployVerticle(messaging));
    await(node.bus().serve(Addresses.election(NODE), asked -> election.get()));
    await(
        node.bus()
            .serve(
                Addresses.clock(NODE),
                asked ->
                    Future.succeededFuture(
                        new Round(7, NODE, List.of(new Measured(NODE, 12, -1500, 250, true)), 1))));
    demo = gateway("demo", 8 << 20);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !cluster().json().getJsonArray("workers").isEmpty());
  }

  /** What the servers' elections would show, and their answer. */
  Future<Done> announce(long epoch) {
    coordinator = coordinates(epoch);
    cluster.node(NODE).bus().event("coordinator", coordinator.toJson());
    return Future.succeededFuture(new Done());
  }

  private static View coordinates(long epoch) {
    Reason reason = new Reason(Reason.Code.RANKS_BETTER, List.of(NODE));
    return new View(epoch, NODE, null, false, reason, 0);
  }

  /** A task that is dead after its only attempt. */
  String deadTask(String token) {
    String worker = "broken-" + BROKEN.incrementAndGet();
    Bus bus = cluster.node(NODE).bus();
    await(bus.serve(Addresses.worker(worker), envelope -> fail(bus, worker, envelope)));
    Register register = new Register(worker, NODE, 1, 100, List.of());
    await(bus.request(Addresses.workers(NODE), register, Registered.class, Duration.ofSeconds(5)));
    JsonObject task =
        new JsonObject()
            .put("kind", "QUERY")
            .put("payload", new JsonObject().put("user", "22222222222"))
            .put("maxAttempts", 1);
    JsonObject batch = new JsonObject().put("tasks", new JsonArray(Collections.nCopies(20, task)));
    call("POST", "/api/v1/tasks/batch", token, batch.encode());
    String path = "/api/v1/tasks?state=DEAD";
    return Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> call("GET", path, token, null).json().getJsonArray("items"),
            items -> !items.isEmpty())
        .getJsonObject(0)
        .getString("id");
  }

  /** What a worker does that is no good, until its master misses it. */
  private static Future<Done> fail(Bus bus, String worker, Envelope envelope) {
    if (envelope.message() instanceof Run run) {
      List<Outcome> failed =
          run.tasks().stream()
              .map(task -> new Outcome(task.id(), task.attempt(), false, null, "broken", 0, 0))
              .toList();
      Report report = new Report(worker, 1, failed);
      return bus.request(Addresses.workers(NODE), report, Done.class, Duration.ofSeconds(5));
    }
    return Future.succeededFuture(new Done());
  }

  /** One more gateway of the same node. */
  GatewayVerticle gateway(String profile, long maxBodyBytes) {
    return gateway(profile, maxBodyBytes, 0);
  }

  GatewayVerticle gateway(String profile, long maxBodyBytes, int port) {
    TestNode node = cluster.node(NODE);
    GatewaySettings defaults = GatewaySettings.of("test", profile, "127.0.0.1", 0);
    GatewayVerticle verticle =
        new GatewayVerticle(
            new GatewaySettings(
                defaults.cluster(),
                profile,
                defaults.host(),
                port,
                maxBodyBytes,
                defaults.maxConnections(),
                MAX_STREAMS,
                defaults.idle(),
                defaults.answer(),
                Optional.empty()),
            new GatewayParts(
                node.bus(),
                node.membership()::view,
                node.membership()::servers,
                ledger,
                users,
                () -> coordinator,
                Optional::empty,
                Optional.of(messages(messaging)),
                () -> Readiness.READY,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                Set.of("OWN"),
                () -> {}));
    await(node.vertx().deployVerticle(verticle));
    return verticle;
  }

  int port() {
    return demo.port();
  }

  HttpClient client() {
    return client;
  }

  Reply cluster() {
    return call(port(), "GET", "/api/v1/cluster", null, null);
  }

  String token(String user, String password) {
    JsonObject body = new JsonObject().put("user", user).put("password", password);
    return call(port(), "POST", "/api/v1/login", null, body.encode()).text("token");
  }

  /** Calls an operation of the demo gateway; its answer is checked. */
  Reply call(
      String method,
      String path,
      @Nullable String token,
      @Nullable String body,
      String... headers) {
    return call(port(), method, path, token, body, headers);
  }

  Reply call(
      int port,
      String method,
      String path,
      @Nullable String token,
      @Nullable String body,
      String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    Reply reply;
    try {
      HttpResponse<String> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      reply = new Reply(response.statusCode(), response.headers(), response.body());
    } catch (IOException | InterruptedException broken) {
      throw new AssertionError(method + " " + path, broken);
    }
    operation(method, path).ifPresent(op -> checker.check(op.getOperationId(), reply));
    return reply;
  }

  private Optional<Operation> operation(String method, String path) {
    return checker
        .contract()
        .operation(io.vertx.core.http.HttpMethod.valueOf(method), URI.create(path).getRawPath());
  }

  /** Every message stream that is open breaks, as if the disk could not be read. */
  void breakFeeds() {
    feeds.forEach(feed -> feed.tryFail("the disk cannot be read"));
    feeds.clear();
  }

  private MessageSource messages(MessagingVerticle messaging) {
    MessageSource source = new FeedSource(messaging::feed);
    return (position, filter, listener) -> {
      if (defective) {
        throw Refused.unavailable("defective", "No future was made.");
      }
      return source.subscribe(position, filter, listener).map(this::breakable);
    };
  }

  private MessageSource.Subscription breakable(MessageSource.Subscription followed) {
    Promise<Void> ended = Promise.promise();
    followed.ended().onComplete(ended::tryComplete, ended::tryFail);
    ended.future().onFailure(broken -> followed.cancel());
    feeds.add(ended);
    return new MessageSource.Subscription() {
      @Override
      public String position() {
        return followed.position();
      }

      @Override
      public Future<Void> ended() {
        return ended.future();
      }

      @Override
      public void cancel() {
        followed.cancel();
      }
    };
  }

  @Override
  public void close() {
    client.close();
    cluster.close();
    database.close();
  }

  /** A kind that was added: gives back what it gets, or the JSON that it is told to make. */
  private static final class Own implements TaskHandler {
    @Override
    public String kind() {
      return "OWN";
    }

    @Override
    public JsonObject run(JsonObject payload, TaskContext context) {
      return switch (payload.getString("make", "")) {
        case "" -> payload.put("by", kind());
        case "deep" -> nested(10_000);
        case "digits" -> new JsonObject().put("a", BigInteger.TEN.pow(1000));
        case "large" -> new JsonObject().put("a", "x".repeat(16_384));
        case "half" -> new JsonObject().put("a", "x\ud800y");
        case "object" -> new JsonObject().put("a", new Object());
        case "failure" -> throw new IllegalStateException("\ud83e\udd41\ud800" + "x".repeat(2000));
        case String json -> new JsonObject(json);
      };
    }

    private static JsonObject nested(int levels) {
      JsonObject all = new JsonObject();
      for (int i = 1; i < levels; i++) {
        all = new JsonObject().put("a", all);
      }
      return all;
    }
  }
}
