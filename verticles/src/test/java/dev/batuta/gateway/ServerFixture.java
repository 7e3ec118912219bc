package dev.batuta.gateway;

import static dev.batuta.node.TestCluster.await;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.codec.WorkerMessage.Register;
import dev.batuta.codec.WorkerMessage.Registered;
import dev.batuta.codec.WorkerMessage.Report;
import dev.batuta.codec.WorkerMessage.Run;
import dev.batuta.database.Database;
import dev.batuta.database.TestDatabase;
import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.election.Reason;
import dev.batuta.gateway.events.BreakableMessages;
import dev.batuta.gateway.events.FeedSource;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Caller.Role;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.identity.TokenSigner;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.messaging.MessagingSettings;
import dev.batuta.messaging.MessagingVerticle;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A server in this JVM, and what stands behind its doors, without any of them: real bus, database
 * with the demonstration users, orchestrator and messaging; workers and elections are the test's.
 */
public final class ServerFixture implements AutoCloseable {
  /** The name of the server. */
  public static final String NODE = "server-1";

  public static final Caller ALICE = new Caller("alice", Set.of(Role.USER));
  public static final Caller BOB = new Caller("bob", Set.of(Role.USER));
  public static final Caller ADMIN = new Caller("admin", Set.of(Role.USER, Role.ADMIN));

  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final TestDatabase database = TestDatabase.fresh();
  private final TestCluster cluster = TestCluster.start(NODE);
  private final TestNode node = cluster.node(NODE);
  private final MySqlUserStore users;
  private final MySqlLedgerStore ledger;
  private final BreakableMessages messages;
  private final Set<String> kinds;
  private final Gateway gateway;
  private volatile View coordinator = coordinates(3);

  /**
   * @param folder for the messages
   * @param kinds that this node adds
   */
  public ServerFixture(Path folder, Set<String> kinds) {
    this.kinds = kinds;
    Database connected = Database.connect(node.vertx(), database.address(), 8);
    users = new MySqlUserStore(connected);
    ledger = new MySqlLedgerStore(connected);
    await(users.seedDemo());
    await(ledger.seedDemo());
    MessagingVerticle messaging =
        new MessagingVerticle(
            node.bus(),
            new MessagingSettings(NODE, folder, List.of(NODE)),
            System::currentTimeMillis,
            () -> Optional.of(NODE));
    messages = new BreakableMessages(new FeedSource(messaging::feed));
    await(
        node.vertx()
            .deployVerticle(
                new OrchestratorVerticle(
                    node.bus(),
                    new MySqlTaskStore(connected),
                    OrchestratorSettings.of(
                        10_000, 5, Duration.ofSeconds(1), Duration.ofSeconds(2)),
                    node.membership()::servers)));
    await(node.vertx().deployVerticle(messaging));
    gateway = behind("demo");
    await(gateway.start());
  }

  /** What doors share, of the profile demo; it has started. */
  public Gateway gateway() {
    return gateway;
  }

  /** The same of another profile, whose events are those of the first: it is not started. */
  public Gateway behind(String profile) {
    return behind(new GatewaySettings("test", profile, ANSWER));
  }

  /** The same of the profile demo, that soon looks again which tokens are good. */
  public Gateway rechecking(Duration recheck) {
    return behind(new GatewaySettings("test", "demo", ANSWER, recheck));
  }

  private Gateway behind(GatewaySettings settings) {
    return new Gateway(
        node.vertx(),
        settings,
        new GatewayParts(
            node.bus(),
            node.membership()::view,
            node.membership()::servers,
            ledger,
            users,
            () -> coordinator,
            Optional::empty,
            Optional.of(messages),
            kinds,
            () -> {}));
  }

  public TestDatabase database() {
    return database;
  }

  public TestNode node() {
    return node;
  }

  public MySqlUserStore users() {
    return users;
  }

  public MySqlLedgerStore ledger() {
    return ledger;
  }

  public BreakableMessages messages() {
    return messages;
  }

  /** The epoch in which this server coordinates. */
  public long epoch() {
    return coordinator.epoch();
  }

  /** What the servers' elections would show, and their answer. */
  public Future<Done> announce(long epoch) {
    coordinator = coordinates(epoch);
    node.bus().event("coordinator", coordinator.toJson());
    return Future.succeededFuture(new Done());
  }

  private static View coordinates(long epoch) {
    Reason reason = new Reason(Reason.Code.RANKS_BETTER, List.of(NODE));
    return new View(epoch, NODE, null, false, reason, 0);
  }

  /** A worker that takes some kinds and fails whatever it gets, until its master misses it. */
  public void failingWorker(String name, List<String> kinds) {
    Bus bus = node.bus();
    await(bus.serve(Addresses.worker(name), envelope -> fail(bus, name, envelope)));
    Register register = new Register(name, NODE, 1, 100, kinds);
    await(bus.request(Addresses.workers(NODE), register, Registered.class, ANSWER));
  }

  private static Future<Done> fail(Bus bus, String worker, Envelope envelope) {
    if (envelope.message() instanceof Run run) {
      List<Outcome> failed =
          run.tasks().stream()
              .map(task -> new Outcome(task.id(), task.attempt(), false, null, "broken", 0, 0))
              .toList();
      return bus.request(
          Addresses.workers(NODE), new Report(worker, 1, failed), Done.class, ANSWER);
    }
    return Future.succeededFuture(new Done());
  }

  /** A token that is good for a while, at least the validity less a second. */
  public String token(Caller caller, Duration validity) {
    return new TokenSigner(node.vertx(), await(users.keys().current()))
        .issue(caller, validity)
        .token();
  }

  @Override
  public void close() {
    cluster.close();
    database.close();
  }
}
