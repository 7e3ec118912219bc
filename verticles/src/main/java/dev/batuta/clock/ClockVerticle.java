package dev.batuta.clock;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Membership;
import dev.batuta.clock.Berkeley.Adjustment;
import dev.batuta.codec.ClockMessage.Adjust;
import dev.batuta.codec.ClockMessage.AskRound;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Poll;
import dev.batuta.codec.ClockMessage.Reading;
import dev.batuta.codec.ClockMessage.Round;
import dev.batuta.codec.Done;
import dev.batuta.codec.Envelope;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Message;
import dev.batuta.codec.Refused;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock of a server: answers the coordinator's polls and, while this server is the coordinator,
 * holds the {@link Rounds}.
 */
public final class ClockVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ClockVerticle.class);
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Bus bus;
  private final Membership membership;
  private final NodeClock clock;
  private final RequestCounter requests;
  private final BooleanSupplier coordinates;
  private final Rounds rounds;
  private final ClockCounts counts = new ClockCounts();
  private @Nullable Promise<Round> asked;

  /**
   * @param coordinates whether this server is the coordinator now, with the database or without
   */
  public ClockVerticle(
      Bus bus,
      Membership membership,
      NodeClock clock,
      RequestCounter requests,
      BooleanSupplier coordinates,
      Rounds.Settings settings) {
    this.bus = bus;
    this.membership = membership;
    this.clock = clock;
    this.requests = requests;
    this.coordinates = coordinates;
    this.rounds = new Rounds(settings, nowMillis());
  }

  /** The rounds that this server held; safe on any thread. */
  public ClockCounts counts() {
    return counts;
  }

  @Override
  public Future<?> start() {
    return bus.serve(Addresses.clock(bus.node()), this::answer)
        .onSuccess(registered -> vertx.setPeriodic(LOOK.toMillis(), timer -> tick()));
  }

  private Future<? extends Message> answer(Envelope envelope) {
    return switch (envelope.message()) {
      case Poll poll -> {
        NodeClock.Snapshot read = clock.read();
        yield Future.succeededFuture(
            new Reading(poll.round(), read.timeMicros(), read.offsetMicros(), read.adjustments()));
      }
      case Adjust adjust -> {
        clock.adjust(adjust.offsetMicros(), adjust.adjustments());
        requests.roundHeld();
        take(new Rounds.Input.Heard(adjust.round()));
        yield Future.succeededFuture(new Done());
      }
      case AskRound _ -> round();
      default ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INVALID,
                  "unknown-request",
                  "A clock does not know " + envelope.message().getClass().getSimpleName()));
    };
  }

  /** The round that is held now, or one that begins now. */
  private Future<Round> round() {
    if (!coordinates.getAsBoolean()) {
      return Future.failedFuture(
          new Refused(
              Failure.Kind.UNAVAILABLE,
              "not-coordinator",
              bus.node() + " is not the coordinator, which holds the rounds: ask again."));
    }
    Promise<Round> wanted = asked == null ? Promise.promise() : asked;
    asked = wanted;
    take(new Rounds.Input.Asked(servers()));
    return wanted.future();
  }

  private void tick() {
    boolean coordinator = coordinates.getAsBoolean();
    long counted =
        coordinator ? membership.servers().stream().mapToLong(m -> m.last().requests()).sum() : 0;
    take(new Rounds.Input.Tick(coordinator, counted, servers()));
  }

  private List<String> servers() {
    return membership.servers().stream().map(Member::name).toList();
  }

  private void take(Rounds.Input input) {
    rounds.step(nowMillis(), input).forEach(this::carryOut);
  }

  private void carryOut(Rounds.Effect effect) {
    switch (effect) {
      case Rounds.Effect.Poll(var server, var round, var number) -> poll(server, round, number);
      case Rounds.Effect.Correct(var server, var adjust) ->
          bus.send(Addresses.clock(server), adjust);
      case Rounds.Effect.Held held -> held(held);
    }
  }

  private void poll(String server, long round, int number) {
    long sent = nowMicros();
    bus.request(Addresses.clock(server), new Poll(round), Reading.class, rounds.patience())
        .onComplete(
            reading -> take(new Rounds.Input.Answered(number, server, sent, nowMicros(), reading)),
            none -> take(new Rounds.Input.Unanswered(round, number, server)));
  }

  private void held(Rounds.Effect.Held held) {
    counts.held(held);
    List<Measured> measured =
        held.measured().stream()
            .map(
                m ->
                    new Measured(
                        m.server(),
                        membership.member(m.server()).map(Member::clock).orElse(0L),
                        m.offsetMicros(),
                        m.roundTripMicros(),
                        m.counted()))
            .toList();
    LOG.atInfo()
        .addKeyValue("round", held.round())
        .addKeyValue("adjustmentsMicros", describe(held.adjustments()))
        .log("Berkeley round");
    Round round = new Round(held.round(), bus.node(), measured, clock.timeMillis());
    bus.publish(Addresses.SERVERS, round);
    if (asked != null) {
      asked.complete(round);
      asked = null;
    }
  }

  private static String describe(List<Adjustment> adjustments) {
    return adjustments.stream()
        .map(
            a ->
                a.sample().server()
                    + (a.counted() ? " " : " (not counted) ")
                    + a.adjustmentMicros())
        .collect(Collectors.joining(", "));
  }

  private static long nowMicros() {
    return System.nanoTime() / 1_000;
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
