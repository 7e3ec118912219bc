package dev.batuta.gateway.foreign;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Member;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.LendingMessage.HomeTold;
import dev.batuta.codec.LendingMessage.LendingNews;
import dev.batuta.codec.LendingMessage.What;
import dev.batuta.gateway.DoorVerticle;
import dev.batuta.gateway.GatewayParts;
import dev.batuta.gateway.foreign.ForeignPeer.Transport;
import dev.batuta.gateway.foreign.ForeignSettings.Side;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts together what {@link ForeignDoor} needs on its event loop. */
final class ForeignVerticle extends DoorVerticle {
  private static final long TICK_MILLIS = 100;
  private static final long SWEEP_MILLIS = 1_000;
  private static final long GREET_MILLIS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration GOODBYE = Duration.ofSeconds(3);

  private final ForeignSettings settings;
  private final GatewayParts parts;
  private final WorkerTimes times;
  private final List<Supplier<Future<Void>>> closers = new ArrayList<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile Map<String, Integer> ports = Map.of();
  private @Nullable ForeignWorkers workers;
  private @Nullable ForeignPeers peers;
  private @Nullable LedgerBatches ledger;

  ForeignVerticle(ForeignSettings settings, GatewayParts parts, WorkerTimes times) {
    this.settings = settings;
    this.parts = parts;
    this.times = times;
  }

  @Override
  public Map<String, Integer> ports() {
    return ports;
  }

  @Override
  public Future<?> start() {
    Timers timers = Timers.of(vertx);
    Borrowed borrowed = new Borrowed();
    OwnEndpoints own = new OwnEndpoints();
    ForeignPeers masters =
        new ForeignPeers(
            timers,
            parts.bus(),
            new MasterLine(vertx, PATIENCE),
            settings.peers(),
            own,
            borrowed,
            this::isServer);
    Places places = new DoorPlaces(parts.servers(), names(), own, masters, borrowed, parts.bus());
    LedgerBatches batches = new LedgerBatches(timers, parts.ledger());
    ForeignWorkers all =
        new ForeignWorkers(
            timers,
            parts.bus(),
            new FarmLine(timers, parts.bus()),
            batches,
            this::master,
            places,
            this::isNode,
            borrowed,
            times,
            maxWorkers());
    workers = all;
    peers = masters;
    ledger = batches;
    vertx.setPeriodic(TICK_MILLIS, timer -> all.tick());
    if (!settings.peers().isEmpty()) {
      vertx.setPeriodic(1, GREET_MILLIS, timer -> masters.greet());
    }
    return parts
        .bus()
        .listen(Addresses.LENDING, envelope -> hear(borrowed, envelope))
        .compose(heard -> masters.start())
        .compose(heard -> openTcp(all, masters, own))
        .compose(listens -> openWebSocket(all, masters, own))
        .recover(failed -> closeAfter(failed));
  }

  private Future<Void> closeAfter(Throwable failed) {
    return stop()
        .transform(
            closed -> {
              ports = Map.of();
              return Future.failedFuture(failed);
            });
  }

  private Future<Void> openTcp(ForeignWorkers all, ForeignPeers masters, OwnEndpoints own) {
    if (settings.tcp().isEmpty()) {
      return Future.succeededFuture();
    }
    Side side = settings.tcp().get();
    Clients clients = clients(side, all, masters);
    TcpPort port = new TcpPort(vertx, side.settings(), side.counts(), clients, numbers);
    closers.add(port::close);
    vertx.setPeriodic(SWEEP_MILLIS, timer -> clients.sweep());
    return port.open().map(number -> opened(side, Transport.TCP, number, own));
  }

  private Future<Void> openWebSocket(ForeignWorkers all, ForeignPeers masters, OwnEndpoints own) {
    if (settings.webSocket().isEmpty()) {
      return Future.succeededFuture();
    }
    Side side = settings.webSocket().get();
    Clients clients = clients(side, all, masters);
    WebSocketPort port =
        new WebSocketPort(
            vertx, side.settings(), settings.origins(), side.counts(), clients, numbers);
    closers.add(port::close);
    vertx.setPeriodic(
        SWEEP_MILLIS,
        timer -> {
          clients.sweep();
          port.sweep();
        });
    return port.open().map(number -> opened(side, Transport.WS, number, own));
  }

  private Clients clients(Side side, ForeignWorkers all, ForeignPeers masters) {
    return new Clients(
        Timers.of(vertx), side.settings(), side.counts(), parts.countRequest(), all, masters);
  }

  private @Nullable Void opened(Side side, Transport transport, int port, OwnEndpoints own) {
    own.opened(transport, port);
    Map<String, Integer> all = new LinkedHashMap<>(ports);
    all.put(side.settings().name(), port);
    ports = Collections.unmodifiableMap(all);
    return null;
  }

  private Map<Transport, String> names() {
    Map<Transport, String> names = new EnumMap<>(Transport.class);
    settings.tcp().ifPresent(side -> names.put(Transport.TCP, side.settings().name()));
    settings.webSocket().ifPresent(side -> names.put(Transport.WS, side.settings().name()));
    return names;
  }

  /** As many as may be connected, and as many again that ask on another connection soon. */
  private int maxWorkers() {
    return 2
        * Stream.concat(settings.tcp().stream(), settings.webSocket().stream())
            .mapToInt(side -> side.settings().maxConnections())
            .sum();
  }

  /** The server of this node, else any that lives. */
  private Optional<String> master() {
    List<String> servers = servers();
    String own = parts.bus().node();
    return servers.contains(own) ? Optional.of(own) : servers.stream().findFirst();
  }

  private boolean isServer() {
    return servers().contains(parts.bus().node());
  }

  private List<String> servers() {
    return parts.servers().get().stream().map(Member::name).toList();
  }

  private boolean isNode(String name) {
    return parts.members().get().stream().anyMatch(node -> node.name().equals(name));
  }

  /** What servers of this cluster lend each other need not say whose it is. */
  private void hear(Borrowed borrowed, Envelope envelope) {
    if (envelope.message()
        instanceof HomeTold(String server, String worker, String host, int port)) {
      borrowed.knowsHome(worker, server, new Endpoint(host, port));
    } else if (envelope.message() instanceof LendingNews news) {
      if (news.what() == What.LENT && news.peer().equals(parts.bus().node())) {
        borrowed.expect(news.worker(), news.server());
      } else if (news.what() == What.RETURNED) {
        borrowed.forget(news.worker());
      }
    }
  }

  @Override
  public Future<?> stop() {
    Future<Void> closed = Future.succeededFuture();
    for (Supplier<Future<Void>> closer : closers) {
      closed = closed.eventually(closer);
    }
    return closed
        .eventually(this::leave)
        .eventually(() -> peers == null ? Future.succeededFuture() : peers.stop());
  }

  private Future<Void> leave() {
    if (ledger != null) {
      ledger.close();
    }
    return workers == null
        ? Future.succeededFuture()
        : workers.close().timeout(GOODBYE.toSeconds(), TimeUnit.SECONDS).otherwiseEmpty();
  }
}
