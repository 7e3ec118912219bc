package dev.batuta.node;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.BusProbe;
import dev.batuta.bus.Membership;
import dev.batuta.bus.Retry;
import dev.batuta.clock.ClockWatch;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.RequestCounter;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.database.Database;
import dev.batuta.database.DatabaseAddress;
import dev.batuta.election.CoordinatorWatch;
import dev.batuta.gateway.http.HealthVerticle;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.node.metrics.OwnMetrics;
import dev.batuta.task.TaskHandlers;
import dev.batuta.tracing.Tracing;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: a clustered Vert.x, and the verticles of its roles.
 *
 * <p>The order of the start: join the cluster, reach the database, say who one is, serve, and let
 * clients in last. A stop goes the other way: let nobody in, hand over the baton, finish what runs,
 * say goodbye, leave.
 */
public final class Node {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration WORKER_SUSPICION = Duration.ofSeconds(3);
  private static final Duration FORGET = Duration.ofSeconds(60);
  private static final Duration NAME_WAIT = Duration.ofSeconds(15);
  private static final Duration DATABASE_WAIT = Duration.ofSeconds(30);
  private static final Duration NAME_LOOK = Duration.ofMillis(500);
  private static final Duration OWN_LOOK = Duration.ofSeconds(5);

  private final Parts parts;
  private final OwnHost host;
  private final Optional<DoorPlan> doors;
  private final BusProbe probe;
  private final NodeReport report;
  private final OwnMetrics metrics;
  private final Promise<String> over = Promise.promise();
  private final PutOut putOut = new PutOut();
  private @Nullable ServerRole server;
  private @Nullable WorkerRole worker;
  private @Nullable GatewayRole gateway;
  private volatile NodeState state = NodeState.STARTING;

  private Node(
      NodeSettings settings,
      OwnHost host,
      DatabaseAddress address,
      Optional<DoorPlan> doors,
      Cluster cluster,
      OwnMetrics metrics,
      TaskHandlers handlers) {
    this.host = host;
    this.doors = doors;
    this.metrics = metrics;
    Database database =
        Database.connect(cluster.vertx(), address, settings.get(Setting.DATABASE_CONNECTIONS));
    NodeClock clock =
        new NodeClock(settings.get(Setting.CLOCK_SKEW), settings.get(Setting.CLOCK_DRIFT_PPM));
    Membership membership =
        new Membership(
            cluster.bus(),
            cluster.hazelcast(),
            new Membership.Settings(
                settings.get(Setting.HEARTBEAT_INTERVAL),
                settings.get(Setting.HEARTBEAT_SUSPICION),
                WORKER_SUSPICION,
                FORGET),
            this::heartbeat,
            this::isVisible);
    this.parts =
        new Parts(
            settings,
            cluster,
            database,
            new DatabaseHealth(database),
            membership,
            clock,
            new RequestCounter(),
            new CoordinatorWatch(cluster.bus(), membership, clock::timeMillis),
            new ClockWatch(cluster.bus(), clock),
            handlers,
            new MySqlLedgerStore(database),
            ThreadLocalRandom.current().nextLong());
    this.probe = new BusProbe(cluster.bus(), cluster.registry(), membership, cluster.pauses());
    this.report =
        new NodeReport(
            parts, host, doors, probe, () -> state, () -> Optional.ofNullable(server), this::ports);
    metrics.add(report.metrics());
    Logging.follow(cluster.bus().clock());
  }

  /**
   * Starts a node; it completes once the node serves.
   *
   * @return fails with {@link SettingsException}, or with a refusal that says what is in the way
   */
  public static Future<Node> start(NodeSettings settings) {
    String name = settings.get(Setting.NODE_NAME);
    if (name.isEmpty()) {
      return Future.failedFuture(
          new SettingsException("node.name is missing: give the node a name, such as server-1"));
    }
    OwnHost host;
    TaskHandlers handlers;
    DatabaseAddress database;
    Optional<DoorPlan> doors;
    try {
      host = OwnHost.of(settings.get(Setting.CLUSTER_HOST));
      doors =
          settings.get(Setting.NODE_ROLES).contains("gateway")
              ? Optional.of(DoorPlan.of(settings).withinOpenFiles())
              : Optional.empty();
      database = settings.databaseAddress();
      handlers = TaskHandlers.load(settings.lib());
    } catch (SettingsException wrong) {
      return Future.failedFuture(wrong);
    } catch (IllegalArgumentException wrong) {
      return Future.failedFuture(new SettingsException("tasks.lib: " + wrong.getMessage()));
    }
    PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Tracing tracing =
        settings
            .get(Setting.TRACING_OTLP)
            .map(url -> new Tracing.Collector(url, settings.get(Setting.TRACING_SAMPLE)))
            .map(to -> Tracing.to(to, settings.get(Setting.CLUSTER_NAME), name))
            .orElseGet(Tracing::passive);
    return Cluster.join(
            new Cluster.Options(
                name,
                settings.get(Setting.CLUSTER_NAME),
                host.address(),
                settings.get(Setting.CLUSTER_PORT),
                settings.get(Setting.BUS_PORT),
                settings.get(Setting.CLUSTER_MEMBERS),
                settings.get(Setting.NODE_ROLES).contains("server")),
            metrics,
            tracing)
        .compose(
            cluster -> {
              Node node =
                  new Node(
                      settings, host, database, doors, cluster, OwnMetrics.in(metrics), handlers);
              return node.begin()
                  .map(node)
                  .onFailure(error -> LOG.atError().setCause(error).log("the node could not start"))
                  .recover(
                      error ->
                          node.stop().otherwiseEmpty().compose(s -> Future.failedFuture(error)));
            });
  }

  /** The ports of its gateway by name, as {@code http}; empty without a gateway. */
  public Map<String, Integer> ports() {
    return gateway == null ? Map.of() : gateway.ports();
  }

  private Future<Void> begin() {
    LOG.atInfo()
        .addKeyValue("cluster", parts.settings().get(Setting.CLUSTER_NAME))
        .addKeyValue("members", parts.cluster().manager().getNodes().size())
        .log("cluster joined");
    return refuseTakenName(System.nanoTime())
        .compose(free -> parts.vertx().deployVerticle(parts.health()))
        .compose(next -> reachDatabase())
        .compose(next -> prepareDatabase())
        .compose(next -> prepareServer())
        .compose(next -> parts.membership().deploy(parts.vertx()))
        .compose(next -> parts.vertx().deployVerticle(parts.coordinator()))
        .compose(next -> parts.vertx().deployVerticle(parts.clocks()))
        .compose(next -> parts.vertx().deployVerticle(probe))
        .compose(next -> startServer())
        .compose(next -> startWorker())
        .compose(next -> startGateway())
        .onSuccess(
            started -> {
              state = NodeState.READY;
              parts.membership().beatNow();
              parts.vertx().setPeriodic(OWN_LOOK.toMillis(), again -> lookAtItself());
              LOG.atInfo()
                  .addKeyValue("roles", parts.settings().get(Setting.NODE_ROLES))
                  .addKeyValue("ports", ports())
                  .log("node ready");
            });
  }

  /** Completes with the reason when this node can be of no more use and is to be started again. */
  public Future<String> over() {
    return over.future();
  }

  private void lookAtItself() {
    if (state == NodeState.DRAINING) {
      return;
    }
    WaryClusterManager manager = parts.cluster().manager();
    if (host.hasMoved()) {
      over.tryComplete(
          "this machine has no longer the address %s, at which this node listens for others: start it again, with the one that it has now"
              .formatted(host.address()));
    } else if (!parts.cluster().hazelcast().getLifecycleService().isRunning()) {
      // Hazelcast (5.3.8) ends itself when it cannot join the others again after a split.
      over.tryComplete("it is in no cluster any more: start it again");
    } else if (putOut.look(System.nanoTime(), manager.wasPutOut(), manager.getNodes().size())) {
      over.tryComplete(
          "the others put it out while it stood still, and it did not find back to them within %d s: start it again"
              .formatted(PutOut.PATIENCE.toSeconds()));
    }
  }

  /**
   * Stops gracefully: nothing new is taken, the baton is handed over, what runs is finished or
   * given back within its bounds.
   */
  public Future<Void> stop() {
    state = NodeState.DRAINING;
    Promise<Void> closed = Promise.promise();
    Stopping.step("say so", this::sayDraining)
        .compose(next -> Stopping.step("gateway", () -> gateway == null ? done() : gateway.stop()))
        .compose(next -> Stopping.step("worker", () -> worker == null ? done() : worker.stop()))
        .compose(next -> Stopping.step("server", () -> server == null ? done() : server.stop()))
        .compose(next -> Stopping.step("goodbye", parts.membership()::leave))
        .compose(next -> Stopping.step("database", parts.database()::close))
        .compose(next -> Stopping.step("spans", parts.bus().tracing()::shutdown))
        // Not on a thread of the Vert.x that closes: it could end before it says that it has.
        .onComplete(
            left -> Thread.startVirtualThread(() -> parts.vertx().close().onComplete(closed)));
    return closed.future();
  }

  private Future<Void> sayDraining() {
    parts.membership().beatNow();
    return done();
  }

  /** A name belongs to one living node; one that was killed is forgotten within seconds. */
  private Future<Void> refuseTakenName(long sinceNanos) {
    Promise<List<RegistrationInfo>> found = Promise.promise();
    parts.cluster().manager().getRegistrations(Addresses.node(parts.name()), found);
    return found
        .future()
        .compose(
            registrations -> {
              List<String> members = parts.cluster().manager().getNodes();
              if (registrations.stream().noneMatch(r -> members.contains(r.nodeId()))) {
                return done();
              }
              if (System.nanoTime() - sinceNanos > NAME_WAIT.toNanos()) {
                return Future.failedFuture(
                    new SettingsException(
                        "A node named "
                            + parts.name()
                            + " is alive in this cluster: choose another --name, or stop that one."));
              }
              return parts
                  .vertx()
                  .timer(NAME_LOOK.toMillis(), TimeUnit.MILLISECONDS)
                  .compose(later -> refuseTakenName(sinceNanos));
            });
  }

  /** Waits for a database that is still starting; gives up with its own clear sentence. */
  private Future<Void> reachDatabase() {
    long until = System.nanoTime() + DATABASE_WAIT.toNanos();
    return Retry.whileFailing(
        parts.vertx(),
        parts.database()::ping,
        error -> System.nanoTime() < until,
        Duration.ofSeconds(1));
  }

  private Future<Void> prepareDatabase() {
    NodeSettings settings = parts.settings();
    if (!has("server") || !settings.get(Setting.DATABASE_PREPARE)) {
      return done();
    }
    return Preparation.of(settings)
        .withSchema(parts.vertx(), settings.databaseAddress(), parts.database());
  }

  private Future<Void> prepareServer() {
    return has("server")
        ? ServerRole.prepare(parts, report::url).onSuccess(role -> server = role).mapEmpty()
        : done();
  }

  private Future<Void> startServer() {
    if (server == null) {
      return done();
    }
    metrics.add(server.metrics());
    return server.start();
  }

  private Future<Void> startWorker() {
    if (!has("worker")) {
      return done();
    }
    WorkerRole role = new WorkerRole(parts, this::isReachable);
    worker = role;
    return role.start();
  }

  private Future<Void> startGateway() {
    if (!has("gateway")) {
      return startHealth();
    }
    GatewayRole role =
        GatewayRole.of(
            parts,
            doors.orElseThrow(),
            Optional.ofNullable(server),
            this::isReachable,
            report::readiness,
            metrics);
    gateway = role;
    return role.start();
  }

  /** It answers until the node has drained: Vert.x closes it. */
  private Future<Void> startHealth() {
    return parts.settings().get(Setting.HTTP_HEALTH)
        ? parts
            .vertx()
            .deployVerticle(
                new HealthVerticle(
                    DoorPlan.ofHttp(parts.settings()).withinOpenFiles().http(),
                    report::readiness,
                    metrics.registry()))
            .mapEmpty()
        : done();
  }

  /** Not after this process stood still, until it has been reached again. */
  private boolean isReachable() {
    return probe.isReached();
  }

  /** Where all stood still together nobody was put out, and all see each other at once. */
  private boolean isVisible() {
    return !parts.cluster().manager().wasPutOut() || probe.proven();
  }

  private Heartbeat heartbeat() {
    return report.heartbeat();
  }

  private boolean has(String role) {
    return parts.settings().get(Setting.NODE_ROLES).contains(role);
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }
}
