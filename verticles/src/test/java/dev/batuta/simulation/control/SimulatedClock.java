package dev.batuta.simulation.control;

import dev.batuta.clock.Berkeley;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.Rounds;
import dev.batuta.codec.ClockMessage.Adjust;
import dev.batuta.codec.ClockMessage.Reading;
import java.time.Duration;

/** The clock of one run of a server, and the rounds that it holds while it coordinates. */
final class SimulatedClock {
  private static final Rounds.Settings ROUNDS =
      new Rounds.Settings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          10,
          new Berkeley.Limits(Duration.ofSeconds(10), Duration.ofMillis(50)));

  private final World world;
  private final SimulatedServer server;
  private final NodeClock clock;
  private final Rounds rounds;
  private long requests;

  SimulatedClock(World world, SimulatedServer server) {
    this.world = world;
    this.server = server;
    this.clock =
        new NodeClock(
            () -> 1_000_000_000_000L + world.timeline.nowMicros() + server.skewMicros(),
            () -> world.timeline.nowMicros(),
            Duration.ZERO,
            server.driftPpm());
    this.rounds = new Rounds(ROUNDS, server.nowMillis());
  }

  NodeClock clock() {
    return clock;
  }

  /** Clients' requests since the last round. */
  long requests() {
    return requests;
  }

  void tick() {
    requests += world.isEven() ? 0 : world.random.nextInt(4);
    boolean coordinates = server.state().coordinates(server.nowMillis());
    long counted = coordinates ? server.requestsInSight() : 0;
    hold(new Rounds.Input.Tick(coordinates, counted, server.live()));
    long time =
        world.mutation == Mutation.TIME_FOLLOWS_CORRECTIONS_BACK
            ? clock.read().timeMicros()
            : clock.timeMicros();
    world.invariants.time(server, time);
  }

  private void hold(Rounds.Input input) {
    for (Rounds.Effect effect : rounds.step(server.nowMillis(), input)) {
      switch (effect) {
        case Rounds.Effect.Poll(var to, var round, var number) ->
            poll(world.server(to), round, number);
        case Rounds.Effect.Correct(var to, var adjust) ->
            server.send(world.server(to), "adjust", other -> other.clocks().adjust(adjust));
        case Rounds.Effect.Held held -> {
          world.invariants.held(server);
          server.note("Berkeley round", Words.of(held));
        }
      }
    }
  }

  private void poll(SimulatedServer to, long round, int number) {
    long of = server.run();
    long sent = world.timeline.nowMicros();
    server.send(
        to,
        "poll",
        other -> {
          NodeClock.Snapshot read = other.clock().read();
          Reading reading =
              new Reading(round, read.timeMicros(), read.offsetMicros(), read.adjustments());
          other.send(
              server,
              "reading",
              me -> me.inRun(of, () -> answered(number, to.name(), sent, reading)));
        });
    world.timeline.after(
        rounds.patience().toNanos() / 1_000,
        () -> server.inRun(of, () -> hold(new Rounds.Input.Unanswered(round, number, to.name()))));
  }

  private void answered(int number, String of, long sent, Reading reading) {
    long received = world.timeline.nowMicros();
    hold(new Rounds.Input.Answered(number, of, sent, received, reading));
  }

  void adjust(Adjust adjust) {
    long to = adjust.offsetMicros();
    if (world.mutation == Mutation.ADJUSTMENTS_HAVE_THE_WRONG_SIGN) {
      to -= 2 * adjust.adjustmentMicros();
    }
    clock.adjust(to, adjust.adjustments());
    requests = 0;
    hold(new Rounds.Input.Heard(adjust.round()));
  }
}
