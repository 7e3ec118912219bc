package dev.batuta.clock;

import dev.batuta.clock.Berkeley.Adjustment;
import dev.batuta.clock.Berkeley.Sample;
import dev.batuta.codec.ClockMessage.Adjust;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When a coordinator holds Berkeley rounds, and whom it asks (SPEC 4): every so many requests of
 * clients, at least and at most so often, and on demand. Each server is polled several times in a
 * round and the quickest answer counts, since the error is at most half its round trip (Cristian
 * 1989, "Probabilistic Clock Synchronization", section 4).
 *
 * <p>A pure core: no clock and no I/O; the state is changed in place. Time is monotonic, in
 * milliseconds; readings of clocks are in microseconds. Not thread-safe.
 */
public final class Rounds {
  private static final int POLLS = 3;

  /**
   * When rounds are held, and what they may average.
   *
   * @param interval a round at least so often
   * @param minimumInterval a round at most so often
   * @param messages a round after so many clients' requests in the cluster
   */
  public record Settings(
      Duration interval, Duration minimumInterval, long messages, Berkeley.Limits limits) {}

  /** What happens. */
  public sealed interface Input {
    /**
     * Time passed.
     *
     * @param coordinates whether this server is the coordinator
     * @param requests of clients in the whole cluster since the last round
     * @param servers that are believed to live, this one among them
     */
    record Tick(boolean coordinates, long requests, List<String> servers) implements Input {}

    /** A round is wanted as soon as one may be held; the one that is held now will do. */
    record Asked(List<String> servers) implements Input {}

    /**
     * A poll was answered.
     *
     * @param number of the poll
     * @param sentMicros what the coordinator's monotonic clock showed when it asked: its own time
     *     may be corrected, or jump, in the middle of a round
     * @param receivedMicros the same when the answer came
     */
    record Answered(int number, String server, long sentMicros, long receivedMicros, Reading read)
        implements Input {}

    /** A poll was not answered. */
    record Unanswered(long round, int number, String server) implements Input {}

    /** Another coordinator held this round. */
    record Heard(long round) implements Input {}
  }

  /** What is to be done. */
  public sealed interface Effect {
    /** Ask a server for its clock, for the {@code number}th time in this round. */
    record Poll(String server, long round, int number) implements Effect {}

    /** Tell a server its new offset; one that does not hear of it is corrected next time. */
    record Correct(String server, Adjust adjust) implements Effect {}

    /**
     * A round is over. {@link Measured#clock} is not known here, and 0.
     *
     * @param measured all servers that answered, by name; nobody when no answer was quick enough
     */
    record Held(long round, List<Measured> measured, List<Adjustment> adjustments)
        implements Effect {}
  }

  /** What is known of a server in the present round. */
  private static final class Polled {
    int number = 1;
    @Nullable Sample best;
    @Nullable Reading read;
  }

  private final Settings settings;
  private final Map<String, Polled> polled = new TreeMap<>();
  private long latest;
  private long round;
  private long deadline;
  private int open;
  private boolean wanted;

  /**
   * @param now a first round is due at once
   */
  public Rounds(Settings settings, long now) {
    this.settings = settings;
    this.latest = now - settings.interval().toMillis();
  }

  /** One step: what is to be done. */
  public List<Effect> step(long now, Input input) {
    List<Effect> effects = new ArrayList<>();
    switch (input) {
      case Input.Tick tick -> tick(now, tick, effects);
      case Input.Asked(var servers) -> {
        wanted = open == 0;
        if (wanted && now - latest >= settings.minimumInterval().toMillis()) {
          begin(now, servers, effects);
        }
      }
      case Input.Answered answered -> answered(answered, effects);
      case Input.Unanswered(var of, var number, var server) -> next(of, number, server, effects);
      case Input.Heard(var heard) -> round = open > 0 ? round : Math.max(round, heard);
    }
    return effects;
  }

  private void tick(long now, Input.Tick tick, List<Effect> effects) {
    if (open > 0) {
      if (now >= deadline) {
        end(effects);
      }
      return;
    }
    long since = now - latest;
    boolean due =
        since >= settings.interval().toMillis()
            || ((wanted || tick.requests() >= settings.messages())
                && since >= settings.minimumInterval().toMillis());
    if (tick.coordinates() && due) {
      begin(now, tick.servers(), effects);
    }
  }

  private void begin(long now, List<String> servers, List<Effect> effects) {
    if (open > 0 || servers.isEmpty()) {
      return;
    }
    latest = now;
    wanted = false;
    round++;
    deadline = now + patience().toMillis();
    polled.clear();
    for (String server : servers) {
      polled.put(server, new Polled());
      effects.add(new Effect.Poll(server, round, 1));
    }
    open = polled.size();
  }

  /** How long a poll may take: slower ones would be dropped, but show that the server lives. */
  public Duration patience() {
    return settings.limits().roundTrip().multipliedBy(2);
  }

  private void answered(Input.Answered answer, List<Effect> effects) {
    Polled of = polled.get(answer.server());
    if (answer.read().round() != round || of == null || of.number != answer.number()) {
      return;
    }
    Sample sample =
        Sample.of(
            answer.server(),
            answer.sentMicros(),
            answer.receivedMicros(),
            answer.read().timeMicros());
    if (of.best == null || sample.roundTripMicros() < of.best.roundTripMicros()) {
      of.best = sample;
      of.read = answer.read();
    }
    next(round, answer.number(), answer.server(), effects);
  }

  private void next(long of, int number, String server, List<Effect> effects) {
    Polled asked = polled.get(server);
    if (of != round || open == 0 || asked == null || asked.number != number) {
      return;
    }
    asked.number++;
    if (asked.number <= POLLS) {
      effects.add(new Effect.Poll(server, round, asked.number));
    } else {
      open--;
      if (open == 0) {
        end(effects);
      }
    }
  }

  private void end(List<Effect> effects) {
    open = 0;
    List<Sample> samples = new ArrayList<>();
    for (Polled each : polled.values()) {
      if (each.best != null) {
        samples.add(each.best);
      }
    }
    List<Adjustment> adjustments = Berkeley.round(samples, settings.limits());
    List<Measured> measured = new ArrayList<>();
    for (Adjustment adjustment : adjustments) {
      String server = adjustment.sample().server();
      Polled of = polled.get(server);
      if (of != null && of.read != null) {
        long offset = of.read.offsetMicros() + adjustment.adjustmentMicros();
        effects.add(
            new Effect.Correct(
                server,
                new Adjust(round, adjustment.adjustmentMicros(), offset, of.read.adjustments())));
        measured.add(
            new Measured(
                server, 0, offset, adjustment.sample().roundTripMicros(), adjustment.counted()));
      }
    }
    polled.clear();
    effects.add(new Effect.Held(round, measured, adjustments));
  }
}
