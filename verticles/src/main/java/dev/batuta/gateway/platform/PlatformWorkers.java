package dev.batuta.gateway.platform;

import dev.batuta.bus.RetryUntilKnown;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.platform.PlatformRequest.RegisterWorker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers that registered at this door, by their ids. Who speaks for a worker is known by
 * nothing but the address that it speaks from: another one takes over an id only when its worker is
 * dead. They are kept beyond the life of this node: a worker registers once, and goes on with
 * heartbeats whatever happens here. Belongs to the event loop of its verticle.
 */
final class PlatformWorkers {
  /** Each costs an address on the bus of the cluster. */
  static final int MAX_WORKERS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(PlatformWorkers.class);
  private static final Duration FULL_FOR = Duration.ofSeconds(10);

  /** A worker does not wait longer for a database that is away. */
  private static final Duration KEPT_WITHIN = Duration.ofSeconds(1);

  private final Timers timers;
  private final FarmAccess farm;
  private final AllowedHosts allowed;
  private final KeptRegistrations registrations;
  private final Map<String, PlatformWorker> workers = new LinkedHashMap<>();

  /** Those that could not be kept yet; each heartbeat tries again. */
  private final Set<PlatformWorker> unkept = new HashSet<>();

  private boolean restored;
  private boolean closed;

  PlatformWorkers(
      Timers timers, FarmAccess farm, AllowedHosts allowed, KeptRegistrations registrations) {
    this.timers = timers;
    this.farm = farm;
    this.allowed = allowed;
    this.registrations = registrations;
  }

  /**
   * Knows those again that registered before this node was restarted; each is a member of a farm
   * when it is heard. A database that is away is asked until it answers.
   *
   * @return completes with the answer, or when there is none to be had
   */
  Future<Void> restore() {
    return RetryUntilKnown.whilePassing(
            timers, () -> registrations.all(MAX_WORKERS), error -> !closed)
        .onSuccess(all -> all.forEach(this::restore))
        .onFailure(
            error ->
                LOG.atWarn()
                    .addKeyValue("why", error.getMessage())
                    .log("workers of the platform have to register again"))
        .onComplete(asked -> restored = true)
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  /** Whether all that registered earlier are known, as far as they can be. */
  boolean isRestored() {
    return restored;
  }

  private void restore(Registration kept) {
    if (closed || workers.containsKey(kept.worker()) || workers.size() >= MAX_WORKERS) {
      return;
    }
    try {
      String name = MemberName.of(kept.worker(), farm.bus().node());
      InetAddress sender = InetAddress.ofLiteral(kept.sender());
      add(kept.worker(), name, sender, WorkerPlace.of(kept.host(), kept.port(), sender, allowed));
    } catch (Refused | IllegalArgumentException notAnyMore) {
      LOG.atInfo()
          .addKeyValue("worker", kept.worker())
          .addKeyValue("why", notAnyMore.getMessage())
          .log("a worker of the platform that registered earlier is not taken in again");
      registrations.forget(kept.worker());
    }
  }

  /**
   * Takes a worker in; one that registers again is the same.
   *
   * @return its id, which is made for one that has none; fails with a {@link Refused} where it may
   *     not have it
   */
  Future<String> register(RegisterWorker said, InetAddress sender) {
    String id = said.worker().isEmpty() ? newId() : said.worker();
    String name = MemberName.of(id, farm.bus().node());
    SocketAddress place = WorkerPlace.of(said.host(), said.port(), sender, allowed);
    PlatformWorker known = workers.get(id);
    if (known != null && known.isMember() && !known.sender().equals(sender)) {
      throw Refused.conflict(
          "name-taken",
          "The worker \""
              + Refused.shown(id)
              + "\" lives, and speaks from another address; take another worker_id.");
    }
    if (known == null) {
      makeRoom();
      known = add(id, name, sender, place);
    }
    known.registered(sender, place);
    Promise<String> registered = Promise.promise();
    keep(known).onComplete(kept -> registered.tryComplete(id));
    timers.after(KEPT_WITHIN.toMillis(), () -> registered.tryComplete(id));
    return registered.future();
  }

  private PlatformWorker add(String id, String name, InetAddress sender, SocketAddress place) {
    PlatformWorker added = new PlatformWorker(timers, farm, id, name, sender, place, this::forget);
    workers.put(id, added);
    return added;
  }

  /** One that cannot be kept is served all the same. */
  private Future<Void> keep(PlatformWorker worker) {
    return registrations
        .keep(worker.registration())
        .onSuccess(kept -> unkept.remove(worker))
        .onFailure(error -> notKept(worker, error));
  }

  private void notKept(PlatformWorker worker, Throwable error) {
    if (workers.get(worker.id()) == worker && unkept.add(worker)) {
      LOG.atWarn()
          .addKeyValue("worker", worker.id())
          .addKeyValue("why", error.getMessage())
          .log("a worker of the platform is not kept yet; its next heartbeat tries again");
    }
  }

  /**
   * A worker says that it lives.
   *
   * @return whether one of this id is known from there
   */
  boolean heard(String id, InetAddress sender) {
    Optional<PlatformWorker> known = find(id, sender);
    known.ifPresent(
        worker -> {
          worker.heard();
          if (unkept.contains(worker)) {
            keep(worker);
          }
        });
    return known.isPresent();
  }

  private String newId() {
    return "worker-" + HexFormat.of().toHexDigits(timers.random(Long.MAX_VALUE));
  }

  private void makeRoom() {
    if (workers.size() < MAX_WORKERS) {
      return;
    }
    PlatformWorker dead =
        workers.values().stream()
            .filter(worker -> !worker.isMember())
            .findFirst()
            .orElseThrow(
                () ->
                    Refused.busy(
                        "busy",
                        MAX_WORKERS + " workers live at this door; register at another node.",
                        FULL_FOR));
    forget(dead);
  }

  /** What is kept of one that the bus could not serve stays: it may be known after a restart. */
  private void forget(PlatformWorker worker) {
    if (workers.remove(worker.id(), worker)) {
      unkept.remove(worker);
      worker.close(Duration.ZERO);
      if (worker.isServed()) {
        registrations.forget(worker.id());
      }
    }
  }

  /** The worker that speaks so from there, if there is one. */
  Optional<PlatformWorker> find(String id, InetAddress sender) {
    return Optional.ofNullable(workers.get(id)).filter(worker -> worker.sender().equals(sender));
  }

  /** Time has passed; to be called several times a second. */
  void tick() {
    List.copyOf(workers.values()).forEach(PlatformWorker::tick);
  }

  /** All leave their farms, when they have finished what runs, or after a while. */
  Future<Void> close(Duration drain) {
    closed = true;
    List<Future<Void>> closed =
        workers.values().stream().map(worker -> worker.close(drain)).toList();
    return Future.join(closed)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onComplete(done -> workers.clear());
  }
}
