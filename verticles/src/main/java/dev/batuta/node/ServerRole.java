package dev.batuta.node;

import dev.batuta.clock.Berkeley;
import dev.batuta.clock.ClockVerticle;
import dev.batuta.clock.Rounds;
import dev.batuta.codec.ReferenceMessage.Alive;
import dev.batuta.codec.WorkerMessage.Via;
import dev.batuta.database.IncarnationLock;
import dev.batuta.election.Candidacy;
import dev.batuta.election.ElectionVerticle;
import dev.batuta.election.MySqlEpochStore;
import dev.batuta.election.Peer;
import dev.batuta.election.Policy;
import dev.batuta.election.Times;
import dev.batuta.lending.LendingVerticle;
import dev.batuta.lending.Thresholds;
import dev.batuta.messaging.MessagingSettings;
import dev.batuta.messaging.MessagingVerticle;
import dev.batuta.messaging.replica.AckPolicy;
import dev.batuta.node.metrics.ClockMetrics;
import dev.batuta.node.metrics.ElectionMetrics;
import dev.batuta.node.metrics.Family;
import dev.batuta.node.metrics.LendingMetrics;
import dev.batuta.node.metrics.MessagingMetrics;
import dev.batuta.node.metrics.TaskMetrics;
import dev.batuta.orchestrator.OrchestratorSettings;
import dev.batuta.orchestrator.OrchestratorVerticle;
import dev.batuta.orchestrator.RetentionVerticle;
import dev.batuta.orchestrator.dispatch.FarmView;
import dev.batuta.orchestrator.store.MySqlRetentionStore;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.reference.MySqlRankStore;
import dev.batuta.reference.RankStore;
import dev.batuta.reference.ReferenceVerticle;
import dev.batuta.succession.LeaseVerticle;
import dev.batuta.succession.MySqlLeaseStore;
import dev.batuta.succession.MySqlSuccessionStore;
import dev.batuta.succession.SuccessionVerticle;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server: reference, clock, election, orchestrator, lending and messaging verticles. */
final class ServerRole {
  private static final Duration HAND_OVER = Duration.ofSeconds(3);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

  private final Parts parts;
  private final int rank;
  private final ElectionVerticle election;
  private final ClockVerticle clock;
  private final ReferenceVerticle reference;
  private final OrchestratorVerticle orchestrator;
  private final LendingVerticle lending;
  private final RetentionVerticle retention;
  private final MessagingVerticle messaging;
  private final IncarnationLock lock;
  private final LeaseVerticle lease;
  private final SuccessionVerticle succession;
  private final List<String> deployments = new ArrayList<>();
  private @Nullable String leased;

  private ServerRole(
      Parts parts, RankStore ranks, int rank, Map<String, Integer> given, Supplier<String> url) {
    this.parts = parts;
    this.rank = rank;
    NodeSettings settings = parts.settings();
    this.lock = new IncarnationLock(parts.database());
    this.reference =
        new ReferenceVerticle(
            parts.bus(),
            ranks,
            settings.get(Setting.REFERENCE_HEARTBEAT),
            settings.get(Setting.REFERENCE_TIMEOUT),
            () -> new Alive(parts.name(), url.get(), load()));
    this.election = election(parts, lock, rank, given);
    this.clock = clock(parts, election);
    this.orchestrator = orchestrator(parts);
    this.lending = lending(parts, orchestrator);
    this.retention = retention(parts);
    this.messaging = messaging(parts);
    this.lease =
        new LeaseVerticle(
            new MySqlLeaseStore(parts.database(), lock), parts.name(), parts.incarnation());
    this.succession =
        new SuccessionVerticle(
            parts.bus(),
            new MySqlSuccessionStore(parts.database()),
            parts.incarnation(),
            election::mayAct,
            parts.membership()::servers,
            settings.get(Setting.TAKEOVER_GRACE));
  }

  /** Learns the rank, for which it needs the database. */
  static Future<ServerRole> prepare(Parts parts, Supplier<String> url) {
    RankStore ranks = new MySqlRankStore(parts.database());
    return ranks
        .rank(parts.name())
        .compose(rank -> ranks.all().map(given -> new ServerRole(parts, ranks, rank, given, url)));
  }

  private static ElectionVerticle election(
      Parts parts, IncarnationLock lock, int rank, Map<String, Integer> ranks) {
    NodeSettings settings = parts.settings();
    Policy policy =
        settings.get(Setting.ELECTION_POLICY).equals("lowest-rank")
            ? Policy.LOWEST_RANK
            : Policy.HIGHEST_RANK;
    return new ElectionVerticle(
        parts.bus(),
        parts.membership(),
        new MySqlEpochStore(parts.database(), lock),
        new Candidacy(
            new Peer(parts.name(), rank, true, true),
            policy,
            Times.DEFAULT.settlingFor(settings.get(Setting.ELECTION_SETTLE)),
            settings.get(Setting.CLUSTER_SERVERS),
            ranks),
        parts.incarnation(),
        parts.health()::reached);
  }

  private static ClockVerticle clock(Parts parts, ElectionVerticle election) {
    NodeSettings settings = parts.settings();
    return new ClockVerticle(
        parts.bus(),
        parts.membership(),
        parts.clock(),
        parts.requests(),
        election::coordinates,
        new Rounds.Settings(
            settings.get(Setting.CLOCK_INTERVAL),
            settings.get(Setting.CLOCK_MINIMUM_INTERVAL),
            settings.get(Setting.CLOCK_MESSAGES),
            new Berkeley.Limits(
                settings.get(Setting.CLOCK_TOLERANCE), settings.get(Setting.CLOCK_ROUND_TRIP))));
  }

  private static OrchestratorVerticle orchestrator(Parts parts) {
    NodeSettings settings = parts.settings();
    return new OrchestratorVerticle(
        parts.bus(),
        new MySqlTaskStore(parts.database(), settings.get(Setting.TASKS_KEYS)),
        OrchestratorSettings.of(
            settings.get(Setting.TASKS_MAX_QUEUE),
            settings.get(Setting.TASKS_MAX_ATTEMPTS),
            settings.get(Setting.WORKER_HEARTBEAT),
            settings.get(Setting.TASKS_STRANDED)),
        parts.membership()::servers);
  }

  private static LendingVerticle lending(Parts parts, OrchestratorVerticle orchestrator) {
    NodeSettings settings = parts.settings();
    return new LendingVerticle(
        parts.bus(),
        orchestrator::farm,
        parts.membership()::servers,
        Map.of(DoorKeys.WORKERS_TCP.name(), Via.TCP, DoorKeys.WORKERS_WS.name(), Via.WS),
        new Thresholds(
            settings.get(Setting.LENDING_MAX_QUEUE),
            settings.get(Setting.LENDING_MIN_QUEUE),
            settings.get(Setting.LENDING_MIN_WORKERS),
            settings.get(Setting.LENDING_INTERVAL)),
        System.currentTimeMillis());
  }

  private static RetentionVerticle retention(Parts parts) {
    Duration keep = parts.settings().get(Setting.TASKS_RETENTION);
    Duration keys = parts.settings().get(Setting.TASKS_KEYS);
    if (keep.compareTo(keys) < 0) {
      throw new SettingsException(
          "tasks.retention is shorter than tasks.keys, and a key gives the tasks submitted under it:"
              + " shorten tasks.keys too, or keep the tasks as long.");
    }
    return new RetentionVerticle(
        new MySqlRetentionStore(parts.database()), parts.name(), keep, keys);
  }

  private static MessagingVerticle messaging(Parts parts) {
    NodeSettings settings = parts.settings();
    List<String> servers = settings.get(Setting.CLUSTER_SERVERS);
    return new MessagingVerticle(
        parts.bus(),
        new MessagingSettings(
            parts.name(),
            Path.of(settings.get(Setting.DATA)).resolve(parts.name()),
            servers.isEmpty() ? List.of(parts.name()) : servers,
            AckPolicy.configured(settings.get(Setting.PUBLISH_ACKS), servers.size()),
            settings.get(Setting.SYNC_INTERVAL),
            settings.get(Setting.PUBLISH_TIMEOUT),
            START_TIMEOUT),
        parts.clock()::timeMillis,
        parts.coordinator()::coordinator);
  }

  /** Starts to serve. */
  Future<Void> start() {
    return deploy(reference)
        .compose(next -> deploy(clock))
        .compose(next -> deploy(election))
        .compose(next -> parts.vertx().deployVerticle(lease).onSuccess(id -> leased = id))
        .compose(next -> Future.all(deploy(orchestrator), deploy(messaging), deploy(succession)))
        .compose(next -> deploy(retention))
        .compose(next -> deploy(lending))
        .mapEmpty();
  }

  /** Hands over the baton, then drains; the order in which others miss it least. Never fails. */
  Future<Void> stop() {
    return Stopping.step("hand over the baton", this::handOver)
        .compose(left -> Future.join(deployments.reversed().stream().map(this::undeploy).toList()))
        // The queue is closed: others may have what is left in it.
        .compose(closed -> leased == null ? Future.succeededFuture() : undeploy(leased))
        .compose(released -> Stopping.step("close the lock", lock::close));
  }

  private Future<Void> handOver() {
    return election.leave().timeout(HAND_OVER.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Future<Void> undeploy(String deployment) {
    return Stopping.step("undeploy " + deployment, () -> parts.vertx().undeploy(deployment));
  }

  int rank() {
    return rank;
  }

  int load() {
    return orchestrator.load();
  }

  Optional<FarmView> farm() {
    return orchestrator.farm();
  }

  /** What its parts keep of themselves. */
  List<Family> metrics() {
    return List.of(
        new TaskMetrics(orchestrator),
        new LendingMetrics(lending),
        new ElectionMetrics(election),
        new ClockMetrics(clock.counts()),
        new MessagingMetrics(messaging));
  }

  MessagingVerticle messaging() {
    return messaging;
  }

  private Future<String> deploy(io.vertx.core.Deployable verticle) {
    return parts.vertx().deployVerticle(verticle).onSuccess(deployments::add);
  }
}
