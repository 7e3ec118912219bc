package dev.batuta.reference;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.ReferenceMessage.Alive;
import dev.batuta.codec.ReferenceMessage.AskList;
import dev.batuta.codec.ReferenceMessage.AskRank;
import dev.batuta.codec.ReferenceMessage.Rank;
import dev.batuta.codec.ReferenceMessage.Servers;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The reference service (SPEC 3). Every server runs one: ranks are in the database, and heartbeats
 * go to all of them, so losing any loses nothing. Known ranks are answered from memory while the
 * database is away.
 */
public final class ReferenceVerticle extends VerticleBase {
  private final Bus bus;
  private final RankStore store;
  private final Registry registry;
  private final Duration heartbeat;
  private final Supplier<Alive> self;

  /**
   * @param heartbeat between this server's own heartbeats to the service
   * @param self this server's heartbeat
   */
  public ReferenceVerticle(
      Bus bus, RankStore store, Duration heartbeat, Duration timeout, Supplier<Alive> self) {
    this.bus = bus;
    this.store = store;
    this.heartbeat = heartbeat;
    this.registry = new Registry(timeout.toMillis());
    this.self = self;
  }

  @Override
  public Future<?> start() {
    return store
        .all()
        .onSuccess(ranks -> ranks.forEach(registry::ranked))
        .compose(known -> bus.serve(Addresses.REFERENCE, this::answer))
        .compose(served -> bus.listen(Addresses.REFERENCE_HEARTBEATS, this::hear))
        .onSuccess(
            registered -> {
              beat();
              vertx.setPeriodic(heartbeat.toMillis(), timer -> beat());
            });
  }

  private void beat() {
    bus.publish(Addresses.REFERENCE_HEARTBEATS, self.get());
  }

  private void hear(Envelope envelope) {
    if (envelope.message() instanceof Alive alive) {
      registry.heard(alive.server(), alive.address(), alive.load(), nowMillis());
      if (registry.rank(alive.server()).isEmpty()) {
        store.all().onSuccess(ranks -> ranks.forEach(registry::ranked));
      }
    }
  }

  private Future<? extends Message> answer(Envelope envelope) {
    return switch (envelope.message()) {
      case AskRank ask -> rank(ask.server());
      case AskList ask -> Future.succeededFuture(new Servers(registry.list(nowMillis())));
      case Alive alive -> {
        bus.publish(Addresses.REFERENCE_HEARTBEATS, alive);
        yield Future.succeededFuture(new Done());
      }
      default ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INVALID,
                  "unknown-request",
                  "The reference service does not know "
                      + envelope.message().getClass().getSimpleName()
                      + "; it answers AskRank, AskList and Alive."));
    };
  }

  private Future<Rank> rank(String server) {
    OptionalInt known = registry.rank(server);
    if (known.isPresent()) {
      return Future.succeededFuture(new Rank(server, known.getAsInt()));
    }
    return store
        .rank(server)
        .onSuccess(rank -> registry.ranked(server, rank))
        .map(rank -> new Rank(server, rank));
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
