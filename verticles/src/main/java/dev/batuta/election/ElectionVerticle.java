package dev.batuta.election;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Membership;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.Done;
import dev.batuta.codec.ElectionMessage;
import dev.batuta.codec.ElectionMessage.AskElection;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import dev.batuta.database.Database;
import dev.batuta.election.ElectionCounts.Claim;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Gives {@link Election} its inputs, and carries out its effects, in their order. */
public final class ElectionVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ElectionVerticle.class);

  /** Between two looks at the time. */
  private static final Duration TICK = Duration.ofMillis(125);

  /** Renewals are 250 ms apart (SPEC 5), to the nearest look at the time. */
  private static final Duration RENEWAL = Duration.ofMillis(250).minus(TICK.dividedBy(2));

  /** The renewal that was sent last, and whether its answer is still to come. */
  private record Renewal(long sent, boolean open) {
    Renewal answered(long which) {
      return sent == which ? new Renewal(sent, false) : this;
    }
  }

  /** Of the connection on which claims go. */
  private enum Warmth {
    COLD,
    WARMING,
    WARM
  }

  private final Bus bus;
  private final Membership membership;
  private final EpochStore store;
  private final long incarnation;
  private final Candidacy candidacy;
  private final BooleanSupplier database;
  private final Promise<Void> stopped = Promise.promise();
  private final ElectionCounts counts = new ElectionCounts();
  private volatile ElectionState state;
  private Renewal renewals = new Renewal(0, false);
  private Warmth connection = Warmth.COLD;
  private @Nullable Thread thread;

  /**
   * @param incarnation of this run of the process, which the epoch row names
   * @param database whether this server reaches the database
   */
  public ElectionVerticle(
      Bus bus,
      Membership membership,
      EpochStore store,
      Candidacy candidacy,
      long incarnation,
      BooleanSupplier database) {
    this.bus = bus;
    this.membership = membership;
    this.store = store;
    this.candidacy = candidacy;
    this.incarnation = incarnation;
    this.database = database;
    this.state = ElectionState.initial(candidacy, nowMillis());
  }

  /** The epoch under which this server may act on shared state now; safe on any thread. */
  public Optional<Long> mayAct() {
    OptionalLong epoch = state.mayAct(nowMillis());
    return epoch.isPresent() ? Optional.of(epoch.getAsLong()) : Optional.empty();
  }

  /** What this server did in elections since it started; safe on any thread. */
  public ElectionCounts counts() {
    return counts;
  }

  /** Whether this server leads clock rounds and sync now; safe on any thread. */
  public boolean coordinates() {
    return state.coordinates(nowMillis());
  }

  /** Hands over the baton, if this server holds it, and takes no part any more. */
  public Future<Void> leave() {
    if (context == null) {
      return Future.succeededFuture();
    }
    context.runOnContext(
        here -> {
          boolean mayHold =
              state.phase() instanceof Phase.Leading || state.phase() instanceof Phase.Claiming;
          take(new ElectionInput.Stop());
          if (!mayHold) {
            stopped.tryComplete();
          }
        });
    return stopped.future();
  }

  @Override
  public Future<?> start() {
    thread = Thread.currentThread();
    state = ElectionState.initial(candidacy, nowMillis()); // its time to settle begins here
    return bus.serve(Addresses.election(bus.node()), this::answer)
        .compose(here -> bus.listen(Addresses.SERVERS, this::hear))
        .onSuccess(
            registered -> {
              membership.onChange(member -> context.runOnContext(here -> changed(member)));
              vertx.setPeriodic(TICK.toMillis(), timer -> tick());
            });
  }

  @Override
  public Future<?> stop() {
    return store.close();
  }

  /** Messages between elections need no answer; only an operator waits for one. */
  private Future<? extends Message> answer(Envelope envelope) {
    return switch (envelope.message()) {
      case AskElection _ -> {
        take(new ElectionInput.Asked());
        yield Future.succeededFuture(new Done());
      }
      case ElectionMessage _ -> {
        hear(envelope);
        yield Future.succeededFuture(new Done());
      }
      default ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INVALID,
                  "unexpected-message",
                  envelope.message().getClass().getSimpleName() + " is not for an election."));
    };
  }

  private void hear(Envelope envelope) {
    if (envelope.message() instanceof ElectionMessage message
        && !envelope.sender().equals(bus.node())) {
      take(new ElectionInput.Heard(message));
    }
  }

  private void changed(Member member) {
    if (member.liveness() == Member.Liveness.GONE) {
      take(new ElectionInput.Gone(member.name()));
    }
    tick();
  }

  private void tick() {
    if (connection == Warmth.COLD) {
      warmUp();
    }
    take(new ElectionInput.Tick(database.getAsBoolean() && connection == Warmth.WARM));
  }

  /** To connect takes a new process about as long as a claim may take. */
  private void warmUp() {
    connection = Warmth.WARMING;
    answered(
        store.connect(incarnation),
        _ -> connection = Warmth.WARM,
        why -> {
          connection = Warmth.COLD; // and once more at the next look at the time
          LOG.atDebug().addKeyValue("error", reason(why)).log("the epoch store does not answer");
        });
  }

  private void take(ElectionInput input) {
    assert Thread.currentThread() == thread : "a step on another thread";
    Election.Step step = Election.step(state, nowMillis(), peers(), input);
    state = step.next();
    step.effects().forEach(this::carryOut);
  }

  /** One that is stopping answers no more, and is not to be waited for. */
  private List<Peer> peers() {
    return membership.servers().stream()
        .filter(member -> !member.name().equals(bus.node()))
        .filter(member -> member.last().state() != NodeState.DRAINING)
        .map(ElectionVerticle::peer)
        .toList();
  }

  private static Peer peer(Member member) {
    boolean steady = member.inSight().compareTo(Peer.STEADY) >= 0;
    return new Peer(member.name(), member.last().rank(), member.last().database(), steady);
  }

  private void carryOut(ElectionEffect effect) {
    switch (effect) {
      case ElectionEffect.Send(var server, var message) ->
          bus.send(Addresses.election(server), message);
      case ElectionEffect.Publish(var message) -> bus.publish(Addresses.SERVERS, message);
      case ElectionEffect.Claim(var above) -> claim(above);
      case ElectionEffect.Renew(var epoch) -> renew(epoch);
      case ElectionEffect.Release release -> release(release);
      case ElectionEffect.Note(var event, var detail) -> {
        counts.note(event);
        LOG.atInfo().addKeyValue("epoch", state.epoch()).addKeyValue("detail", detail).log(event);
      }
    }
  }

  private void claim(long above) {
    long sent = nowMillis();
    answered(
        store.claim(bus.node(), incarnation, above),
        claim -> {
          switch (claim) {
            case EpochStore.Claim.Won(var epoch) -> {
              counts.claim(Claim.WON);
              take(new ElectionInput.Claimed(epoch, sent));
            }
            case EpochStore.Claim.Refused(var epoch, var holder, var why) -> {
              counts.claim(Claim.REFUSED);
              take(new ElectionInput.ClaimRefused(epoch, holder, why));
              nothingToRelease();
            }
          }
        },
        why -> {
          counts.claim(Claim.UNKNOWN);
          take(new ElectionInput.ClaimUnknown(reason(why)));
          nothingToRelease();
        });
  }

  /** One at a time, unless it is stuck: the lease counts from the sending of one that succeeds. */
  private void renew(long epoch) {
    long sent = nowMillis();
    boolean underWay = renewals.open() && sent - renewals.sent() < EpochStore.LEASE.toMillis();
    if (underWay || sent - renewals.sent() < RENEWAL.toMillis()) {
      return;
    }
    renewals = new Renewal(sent, true);
    answered(
        store.renew(epoch, incarnation),
        held -> {
          renewals = renewals.answered(sent);
          take(
              held
                  ? new ElectionInput.Renewed(epoch, sent)
                  : new ElectionInput.RenewRefused(epoch));
        },
        why -> {
          renewals = renewals.answered(sent);
          // That the database is away is said once for the process.
          LOG.atLevel(Database.isAway(why) ? Level.DEBUG : Level.WARN)
              .addKeyValue("epoch", epoch)
              .addKeyValue("error", reason(why))
              .log("the epoch could not be renewed");
        });
  }

  private void release(ElectionEffect.Release release) {
    answered(
        store.release(release.epoch(), incarnation),
        released -> {
          if (released) {
            bus.publish(Addresses.SERVERS, release.then());
          }
          nothingToRelease();
        },
        why -> {
          LOG.atWarn()
              .addKeyValue("epoch", release.epoch())
              .addKeyValue("error", reason(why))
              .log("the epoch was not released; it runs out");
          nothingToRelease();
        });
  }

  private void nothingToRelease() {
    if (state.phase() instanceof Phase.Stopped) {
      stopped.tryComplete();
    }
  }

  /**
   * Answers of the store come on the thread of whoever used its connection first; steps are taken
   * on this verticle's own only, one after another.
   */
  private <T> void answered(Future<T> answer, Consumer<T> taken, Consumer<Throwable> failed) {
    answer.onComplete(
        result ->
            context.runOnContext(
                here -> {
                  if (result.succeeded()) {
                    taken.accept(result.result());
                  } else {
                    failed.accept(result.cause());
                  }
                }));
  }

  private static String reason(Throwable error) {
    return error instanceof Refused refused ? refused.failure().message() : String.valueOf(error);
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
