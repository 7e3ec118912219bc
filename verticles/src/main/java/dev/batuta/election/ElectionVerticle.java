package dev.batuta.election;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Membership;
import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Refused;
import dev.batuta.election.Election.Effect;
import dev.batuta.election.Election.Input;
import dev.batuta.election.Election.State;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives {@link Election} its inputs, and carries out its effects, in their order. */
public final class ElectionVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ElectionVerticle.class);

  /** Renewals are this far apart (SPEC 5). */
  private static final Duration TICK = Duration.ofMillis(250);

  private final Bus bus;
  private final Membership membership;
  private final EpochStore store;
  private final long incarnation;
  private final BooleanSupplier database;
  private final Promise<Void> stopped = Promise.promise();
  private volatile State state;
  private boolean renewing;

  /**
   * @param self this server and its rank
   * @param incarnation of this run of the process, which the epoch row names
   * @param database whether this server reaches the database
   */
  public ElectionVerticle(
      Bus bus,
      Membership membership,
      EpochStore store,
      Peer self,
      Policy policy,
      long incarnation,
      BooleanSupplier database) {
    this.bus = bus;
    this.membership = membership;
    this.store = store;
    this.incarnation = incarnation;
    this.database = database;
    this.state = State.initial(self, policy, Election.Times.DEFAULT, nowMillis());
  }

  /** The epoch under which this server may act as coordinator now; safe on any thread. */
  public Optional<Long> mayAct() {
    return state.mayAct();
  }

  /** Hands over the baton, if this server holds it, and takes no part any more. */
  public Future<Void> leave() {
    context.runOnContext(
        here -> {
          boolean holds = state.mayAct().isPresent();
          take(new Input.Stop());
          if (!holds) {
            stopped.tryComplete();
          }
        });
    return stopped.future();
  }

  @Override
  public Future<?> start() {
    return bus.listen(Addresses.election(bus.node()), this::hear)
        .compose(here -> bus.listen(Addresses.SERVERS, this::hear))
        .onSuccess(
            registered -> {
              membership.onChange(member -> context.runOnContext(change -> tick()));
              vertx.setPeriodic(TICK.toMillis() / 2, timer -> tick());
            });
  }

  @Override
  public Future<?> stop() {
    return store.close();
  }

  private void hear(Envelope envelope) {
    if (envelope.message() instanceof ElectionMessage message
        && !envelope.sender().equals(bus.node())) {
      take(new Input.Heard(message));
    }
  }

  private void tick() {
    take(new Input.Tick(database.getAsBoolean()));
  }

  private void take(Input input) {
    Election.Step step = Election.step(state, nowMillis(), peers(), input);
    state = step.next();
    for (Effect effect : step.effects()) {
      carryOut(effect);
    }
  }

  private List<Peer> peers() {
    return membership.servers().stream()
        .filter(member -> !member.name().equals(bus.node()))
        .map(m -> new Peer(m.name(), m.last().rank(), m.last().database()))
        .toList();
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Send(var server, var message) -> bus.send(Addresses.election(server), message);
      case Effect.Publish(var message) -> bus.publish(Addresses.SERVERS, message);
      case Effect.Claim claim -> claim();
      case Effect.Renew(var epoch) -> renew(epoch);
      case Effect.Release release -> release(release);
      case Effect.Note(var event, var detail) ->
          LOG.atInfo().addKeyValue("epoch", state.epoch()).addKeyValue("detail", detail).log(event);
    }
  }

  private void claim() {
    store
        .claim(bus.node(), incarnation)
        .onComplete(
            claim -> {
              take(
                  switch (claim) {
                    case EpochStore.Claim.Won(var epoch) -> new Input.Claimed(epoch);
                    case EpochStore.Claim.Refused(var epoch, var holder, var why) ->
                        new Input.ClaimRefused(epoch, holder, why);
                  });
            },
            error -> take(new Input.ClaimUnknown(reason(error))));
  }

  /** One at a time: the lease counts from the sending of the last one that succeeded. */
  private void renew(long epoch) {
    if (renewing) {
      return;
    }
    renewing = true;
    long sent = nowMillis();
    store
        .renew(epoch, incarnation)
        .onComplete(
            held -> {
              renewing = false;
              take(held ? new Input.Renewed(epoch, sent) : new Input.RenewRefused(epoch));
            },
            error -> {
              renewing = false;
              LOG.atWarn()
                  .addKeyValue("epoch", epoch)
                  .addKeyValue("error", reason(error))
                  .log("the epoch could not be renewed");
            });
  }

  private void release(Effect.Release release) {
    store
        .release(release.epoch(), incarnation)
        .onComplete(
            done -> bus.publish(Addresses.SERVERS, release.then()),
            error ->
                LOG.atWarn()
                    .addKeyValue("epoch", release.epoch())
                    .addKeyValue("error", reason(error))
                    .log("the epoch was not released; it runs out"))
        .onComplete(
            done -> {
              if (state.phase() instanceof Phase.Stopped) {
                stopped.tryComplete();
              }
            });
  }

  private static String reason(Throwable error) {
    return error instanceof Refused refused ? refused.failure().message() : String.valueOf(error);
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
