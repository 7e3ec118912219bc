package dev.batuta.clock;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.bus.Member;
import dev.batuta.bus.Membership;
import dev.batuta.clock.Berkeley.Adjustment;
import dev.batuta.clock.Berkeley.Sample;
import dev.batuta.codec.ClockMessage.Adjust;
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
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clock of a server: answers the coordinator's polls and, while this server is the coordinator,
 * holds the rounds.
 */
public final class ClockVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ClockVerticle.class);
  private static final Duration LOOK = Duration.ofMillis(250);

  /**
   * When rounds are held, and what they may average.
   *
   * @param interval a round at least so often
   * @param minimumInterval a round at most so often
   * @param messages a round after so many clients' requests in the cluster
   */
  public record Settings(
      Duration interval, Duration minimumInterval, long messages, Berkeley.Limits limits) {}

  /** One poll that was answered. */
  private record Answer(Sample sample, Reading reading, long clock) {}

  private final Bus bus;
  private final Membership membership;
  private final NodeClock clock;
  private final RequestCounter requests;
  private final BooleanSupplier coordinates;
  private final Settings settings;
  private long lastRoundNanos = System.nanoTime();
  private long round;
  private boolean holding;

  /**
   * @param coordinates whether this server holds the baton now
   */
  public ClockVerticle(
      Bus bus,
      Membership membership,
      NodeClock clock,
      RequestCounter requests,
      BooleanSupplier coordinates,
      Settings settings) {
    this.bus = bus;
    this.membership = membership;
    this.clock = clock;
    this.requests = requests;
    this.coordinates = coordinates;
    this.settings = settings;
  }

  @Override
  public Future<?> start() {
    return bus.serve(Addresses.clock(bus.node()), this::answer)
        .onSuccess(registered -> vertx.setPeriodic(LOOK.toMillis(), timer -> roundIfDue()));
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
        round = Math.max(round, adjust.round());
        yield Future.succeededFuture(new Done());
      }
      default ->
          Future.failedFuture(
              new Refused(
                  Failure.Kind.INVALID,
                  "unknown-request",
                  "A clock does not know " + envelope.message().getClass().getSimpleName()));
    };
  }

  private void roundIfDue() {
    Duration since = Duration.ofNanos(System.nanoTime() - lastRoundNanos);
    if (holding || !coordinates.getAsBoolean() || since.compareTo(settings.minimumInterval()) < 0) {
      return;
    }
    long counted = membership.servers().stream().mapToLong(m -> m.last().requests()).sum();
    if (since.compareTo(settings.interval()) >= 0 || counted >= settings.messages()) {
      holding = true;
      hold(++round).onComplete(held -> holding = false);
    }
  }

  private Future<Void> hold(long number) {
    lastRoundNanos = System.nanoTime();
    Map<String, Answer> answers = new ConcurrentHashMap<>();
    List<Future<?>> polls =
        new ArrayList<>(
            membership.servers().stream()
                .map(server -> poll(number, server).onSuccess(a -> answers.put(server.name(), a)))
                .toList());
    return Future.join(polls)
        .otherwiseEmpty()
        .compose(
            all -> {
              List<Sample> samples =
                  answers.values().stream()
                      .map(Answer::sample)
                      .sorted(java.util.Comparator.comparing(Sample::server))
                      .toList();
              return adjust(number, Berkeley.round(samples, settings.limits()), answers);
            });
  }

  private Future<Answer> poll(long number, Member server) {
    long sent = clock.read().timeMicros();
    return bus.request(
            Addresses.clock(server.name()),
            new Poll(number),
            Reading.class,
            settings.limits().roundTrip().multipliedBy(2))
        .map(
            reading ->
                new Answer(
                    Sample.of(server.name(), sent, clock.read().timeMicros(), reading.timeMicros()),
                    reading,
                    server.clock()));
  }

  /** Every server gets its own adjustment; one that does not hear of it is corrected next time. */
  private Future<Void> adjust(
      long number, List<Adjustment> adjustments, Map<String, Answer> answers) {
    List<Measured> measured = new ArrayList<>();
    List<Future<?>> told = new ArrayList<>();
    for (Adjustment adjustment : adjustments) {
      String server = adjustment.sample().server();
      Answer answer = answers.get(server);
      if (answer == null) {
        continue;
      }
      told.add(
          bus.request(
              Addresses.clock(server),
              new Adjust(
                  number,
                  adjustment.adjustmentMicros(),
                  answer.reading().offsetMicros() + adjustment.adjustmentMicros(),
                  answer.reading().adjustments()),
              Done.class,
              settings.limits().roundTrip().multipliedBy(2)));
      measured.add(
          new Measured(
              server,
              answer.clock(),
              answer.reading().offsetMicros() + adjustment.adjustmentMicros(),
              adjustment.sample().roundTripMicros(),
              adjustment.counted()));
    }
    LOG.atInfo()
        .addKeyValue("round", number)
        .addKeyValue("adjustmentsMicros", describe(adjustments))
        .log("Berkeley round");
    bus.publish(Addresses.SERVERS, new Round(number, bus.node(), measured, clock.timeMillis()));
    return Future.join(told).otherwiseEmpty().mapEmpty();
  }

  private static String describe(List<Adjustment> adjustments) {
    StringBuilder text = new StringBuilder();
    for (Adjustment a : adjustments) {
      text.append(text.isEmpty() ? "" : ", ")
          .append(a.sample().server())
          .append(a.counted() ? " " : " (not counted) ")
          .append(a.adjustmentMicros());
    }
    return text.toString();
  }
}
