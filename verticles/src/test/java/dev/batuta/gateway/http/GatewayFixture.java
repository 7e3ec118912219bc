package dev.batuta.gateway.http;

import static dev.batuta.gateway.ServerFixture.NODE;
import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.Origins;
import dev.batuta.gateway.ServerFixture;
import dev.batuta.task.TaskContext;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import dev.batuta.worker.WorkerSettings;
import dev.batuta.worker.WorkerVerticle;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A whole server in this JVM behind its door of HTTP: a {@link ServerFixture} with a worker. Every
 * answer of an operation is checked against {@code openapi.yaml}.
 */
final class GatewayFixture implements AutoCloseable {
  static final int MAX_STREAMS = 50;
  static final String METRICS_TOKEN = "of-who-scrapes-only";

  private static final AtomicInteger BROKEN = new AtomicInteger();

  final ContractChecker checker;
  final ServerFixture server;

  /** How the election of server-1 goes when it is asked for one. */
  volatile Supplier<Future<Done>> election = () -> announce(epoch() + 1);

  private final HttpClient client = HttpClient.newHttpClient();
  private final int port;

  GatewayFixture(Path folder) {
    server = new ServerFixture(folder, Set.of("OWN"));
    Bus bus = bus();
    checker = new ContractChecker(vertx());
    await(
        vertx()
            .deployVerticle(
                new WorkerVerticle(
                    bus,
                    server.ledger(),
                    TaskHandlers.of(List.of(new Own())),
                    WorkerSettings.of(
                        "W1", NODE, 100, Duration.ofMillis(200), () -> List.of(NODE), () -> true),
                    () -> {})));
    await(bus.serve(Addresses.election(NODE), asked -> election.get()));
    await(
        bus.serve(
            Addresses.clock(NODE),
            asked ->
                Future.succeededFuture(
                    new Round(7, NODE, List.of(new Measured(NODE, 12, -1500, 250, true)), 1))));
    port = open(server.gateway(), 8 << 20, 0);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !cluster().json().getJsonArray("workers").isEmpty());
  }

  Vertx vertx() {
    return server.node().vertx();
  }

  Bus bus() {
    return server.node().bus();
  }

  /** What the servers' elections would show, and their answer. */
  Future<Done> announce(long epoch) {
    return server.announce(epoch);
  }

  private long epoch() {
    return server.epoch();
  }

  /** A task that is dead after its only attempt. */
  String deadTask(String token) {
    server.failingWorker("broken-" + BROKEN.incrementAndGet(), List.of());
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

  /** Opens one more door of HTTP, and answers its port. */
  int open(Gateway behind, long maxBodyBytes, int port) {
    DoorCounts counts = new DoorCounts();
    HttpDoor door =
        new HttpDoor(
            vertx(),
            new HttpSettings(
                "127.0.0.1",
                port,
                maxBodyBytes,
                HttpSettings.heldBytes(maxBodyBytes),
                10_000,
                MAX_STREAMS,
                5_000,
                Duration.ofSeconds(10),
                Duration.ofSeconds(90),
                Optional.empty(),
                Origins.SAME_HOST,
                Optional.empty(),
                Optional.of(METRICS_TOKEN)),
            behind,
            counts,
            () -> Readiness.READY,
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    behind.doors().show(door, HttpDoor.PORT, "HTTP", "127.0.0.1", counts);
    await(door.open());
    return Objects.requireNonNull(door.ports().get(HttpDoor.PORT));
  }

  int port() {
    return port;
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

  @Override
  public void close() {
    client.close();
    server.close();
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
