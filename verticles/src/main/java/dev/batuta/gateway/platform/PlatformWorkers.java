package dev.batuta.gateway.platform;

import dev.batuta.bus.Timers;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.AllowedHosts;
import dev.batuta.gateway.platform.PlatformRequest.RegisterWorker;
import io.vertx.core.Future;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The workers that registered at this door, by their ids. Who speaks for a worker is known by
 * nothing but the address that it speaks from: another one takes over an id only when its worker is
 * dead. Belongs to the event loop of its verticle.
 */
final class PlatformWorkers {
  /** Each costs an address on the bus of the cluster. */
  static final int MAX_WORKERS = 2_000;

  private static final Duration FULL_FOR = Duration.ofSeconds(10);

  private final Timers timers;
  private final FarmAccess farm;
  private final AllowedHosts allowed;
  private final Map<String, PlatformWorker> workers = new LinkedHashMap<>();

  PlatformWorkers(Timers timers, FarmAccess farm, AllowedHosts allowed) {
    this.timers = timers;
    this.farm = farm;
    this.allowed = allowed;
  }

  /**
   * Takes a worker in; one that registers again is the same.
   *
   * @return its id, which is made for one that has none
   */
  String register(RegisterWorker said, InetAddress sender) {
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
      known = new PlatformWorker(timers, farm, id, name, sender, place, this::forget);
      workers.put(id, known);
    }
    known.registered(sender, place);
    return id;
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

  private void forget(PlatformWorker worker) {
    if (workers.remove(worker.id(), worker)) {
      worker.close(Duration.ZERO);
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
    List<Future<Void>> closed =
        workers.values().stream().map(worker -> worker.close(drain)).toList();
    return Future.join(closed)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .onComplete(done -> workers.clear());
  }
}
