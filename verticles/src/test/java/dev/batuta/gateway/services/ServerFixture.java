package dev.batuta.gateway.services;

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
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Caller.Role;
import dev.batuta.identity.MySqlUserStore;
import dev.batuta.ledger.MySqlLedgerStore;
import dev.batuta.messaging.MessagingSettings;
import dev.batuta.messaging.MessagingVerticle;
import dev.batuta.node.TestCluster;
import dev.batuta.node.TestCluster.TestNode;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A server in this JVM without any door: real bus, database, orchestrator and messaging, and the
 * services that doors ask.
 */
final class ServerFixture implements AutoCloseable {
  static final Caller ALICE = new Caller("alice", Set.of(Role.USER));
  static final Caller BOB = new Caller("bob", Set.of(Role.USER));
  static final Caller ADMIN = new Caller("admin", Set.of(Role.USER, Role.ADMIN));

  private static final String NODE = "server-1";
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final View NOBODY =
      new View(0, null, null, false, new Reason(Reason.Code.NONE_YET, List.of()), 0);

  final TaskService tasks;
  final ChatService chat;
  final AccountService accounts;
  final CheckpointService checkpoints;
  final CoordinationService coordination;
  final LoginService logins;

  private final TestDatabase database = TestDatabase.fresh();
  private final TestCluster cluster = TestCluster.start(NODE);
  private final TestNode node = cluster.node(NODE);
  private final Context loop = node.vertx().getOrCreateContext();

  ServerFixture(Path folder) {
    Database connected = Database.connect(node.vertx(), database.address(), 8);
    MySqlUserStore users = new MySqlUserStore(connected);
    MySqlLedgerStore ledger = new MySqlLedgerStore(connected);
    await(users.put("alice", "password1", List.of("user")));
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
                new MessagingVerticle(
                    node.bus(),
                    new MessagingSettings(NODE, folder, List.of(NODE)),
                    System::currentTimeMillis,
                    () -> Optional.of(NODE))));
    Servers servers = new Servers(node.bus(), node.membership()::servers);
    KnownKinds kinds = new KnownKinds(Set.of());
    ClusterView view = new ClusterView(node.bus(), node.membership()::view, kinds);
    tasks = new TaskService(servers, kinds, view, ANSWER);
    chat = new ChatService(servers, ANSWER);
    accounts = new AccountService(ledger);
    checkpoints = new CheckpointService(servers, ANSWER);
    coordination =
        new CoordinationService(
            node.vertx(), node.bus(), servers, () -> NOBODY, changed -> () -> {});
    logins = new LoginService(node.vertx(), users);
  }

  /** Asks a service on the event loop that it belongs to, as a door does. */
  <T> T ask(Supplier<Future<T>> asked) {
    Promise<T> answer = Promise.promise();
    loop.runOnContext(on -> asked.get().onComplete(answer));
    return await(answer.future());
  }

  /** A worker that takes some kinds and fails whatever it gets. */
  void failingWorker(String name, List<String> kinds) {
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

  @Override
  public void close() {
    cluster.close();
    database.close();
  }
}
