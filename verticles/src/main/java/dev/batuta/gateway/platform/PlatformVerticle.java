package dev.batuta.gateway.platform;

import dev.batuta.bus.Bus;
import dev.batuta.bus.Timers;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.DoorVerticle;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.GatewayParts;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.Leaving;
import dev.batuta.gateway.Listening;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Serves the task platform on one event loop. */
final class PlatformVerticle extends DoorVerticle {
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(3);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final Duration RESTORED_WITHIN = Duration.ofSeconds(3);

  /** For so long one that may not stay has time to ask and be told. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(1);

  private final DoorSettings settings;
  private final Gateway gateway;
  private final DoorCounts counts;
  private final PlatformDoor.Farm farm;
  private final AddressBudgets budgets;
  private final HeldBytes held;
  private final Leaving leaving = new Leaving();
  private @Nullable NetServer server;
  private @Nullable PlatformWorkers workers;
  private @Nullable PlatformExchanges exchanges;
  private volatile int port;

  PlatformVerticle(
      DoorSettings settings, Gateway gateway, DoorCounts counts, PlatformDoor.Farm farm) {
    this.settings = settings;
    this.gateway = gateway;
    this.counts = counts;
    this.farm = farm;
    this.held = new HeldBytes(settings.maxHeldBytes());
    this.budgets = new AddressBudgets(settings.messagesPerSecond());
  }

  @Override
  public Map<String, Integer> ports() {
    int listens = port;
    return listens == 0 ? Map.of() : Map.of(settings.name(), listens);
  }

  @Override
  public Future<?> start() {
    Bus bus = gateway.parts().bus();
    PlatformWorkers taken =
        new PlatformWorkers(
            Timers.of(vertx),
            access(),
            settings.allowed(),
            new KeptRegistrations(farm.registrations(), bus.node()));
    PlatformExchanges answers =
        new PlatformExchanges(gateway.services(), taken, bus.clock(), farm.outsideClock());
    workers = taken;
    exchanges = answers;
    vertx.setPeriodic(TICK.toMillis(), timer -> taken.tick());
    ConnectionLimit limit = new ConnectionLimit(settings.maxConnections());
    return restored(taken)
        .compose(
            known ->
                new Listening(vertx, settings.place()).take(() -> server(limit, answers).listen()))
        .onSuccess(
            listens -> {
              server = listens;
              port = listens.actualPort();
            });
  }

  /**
   * Completes when the workers that registered earlier are known, so that their first heartbeat
   * finds them; or a while later, as a database that is away keeps no door closed.
   */
  private Future<Void> restored(PlatformWorkers taken) {
    Promise<Void> known = Promise.promise();
    taken.restore().onComplete(done -> known.tryComplete());
    vertx.setTimer(RESTORED_WITHIN.toMillis(), over -> known.tryComplete());
    return known.future();
  }

  private FarmAccess access() {
    GatewayParts parts = gateway.parts();
    NetClient client =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout(Math.toIntExact(CONNECTED_WITHIN.toMillis())));
    return new FarmAccess(
        vertx,
        parts.bus(),
        parts.ledger(),
        client,
        farm.heartbeat(),
        () -> parts.servers().get().stream().map(server -> server.name()).toList(),
        farm.reachable(),
        settings.maxMessageBytes(),
        held);
  }

  private NetServer server(ConnectionLimit limit, PlatformExchanges answers) {
    return vertx
        .createNetServer(settings.applyTo(new NetServerOptions(), limit, counts))
        .connectHandler(socket -> connected(socket, limit, answers));
  }

  private void connected(NetSocket socket, ConnectionLimit limit, PlatformExchanges exchanges) {
    InetAddress sender = Hosts.of(socket.remoteAddress());
    if (!settings.allowed().allows(sender)) {
      refuse(socket, settings.allowed().refusal(sender));
      return;
    }
    PlatformConnection connection = connection(socket, settings.opening(), tooSlow());
    limit
        .admit(() -> giveWay(socket, connection, limit.full()))
        .ifPresentOrElse(
            seat -> serve(connection, seat, exchanges, sender), () -> refuse(socket, limit.full()));
  }

  private void serve(
      PlatformConnection connection,
      ConnectionLimit.Seat seat,
      PlatformExchanges exchanges,
      InetAddress sender) {
    counts.opened();
    connection.open(
        frame -> {
          seat.spoke();
          return exchange(exchanges, frame, sender);
        },
        () -> {
          seat.left();
          counts.closed();
        });
  }

  private void giveWay(NetSocket socket, PlatformConnection connection, Refused full) {
    if (leaving.mayBeTold(socket)) {
      connection.refuse(full.failure());
    } else {
      cutOff(socket, full);
    }
  }

  private Future<JsonObject> exchange(
      PlatformExchanges exchanges, Buffer frame, InetAddress sender) {
    gateway.parts().countRequest().run();
    budgets.take(sender, System.nanoTime());
    return exchanges.answer(PlatformRequest.of(frame), sender);
  }

  private PlatformConnection connection(NetSocket socket, Duration patience, Failure late) {
    return new PlatformConnection(
        vertx,
        socket,
        settings.maxMessageBytes(),
        patience,
        settings.idle(),
        late,
        held.share(),
        counts);
  }

  /** A client is told when it has asked; a few of those who are refused are waited for. */
  private void refuse(NetSocket socket, Refused why) {
    if (leaving.mayBeTold(socket)) {
      connection(socket, REFUSED_FOR, why.failure())
          .open(frame -> Future.failedFuture(why), () -> {});
    } else {
      cutOff(socket, why);
    }
  }

  private void cutOff(NetSocket socket, Refused why) {
    counts.refused(why.failure().code());
    socket.close();
  }

  private Failure tooSlow() {
    return new Failure(
        Failure.Kind.BUSY,
        "too-slow",
        "No whole frame came within " + settings.opening().toMillis() + " ms.");
  }

  /** Workers finish what runs, and say so here, for a while; then nobody comes in any more. */
  @Override
  public Future<?> stop() {
    if (exchanges != null) {
      exchanges.close();
    }
    Future<Void> left = workers == null ? Future.succeededFuture() : workers.close(DRAIN);
    return left.eventually(
        () -> server == null ? Future.succeededFuture() : server.shutdown(2, TimeUnit.SECONDS));
  }
}
