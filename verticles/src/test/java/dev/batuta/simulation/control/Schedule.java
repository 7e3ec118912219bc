package dev.batuta.simulation.control;

import dev.batuta.election.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Random;

/**
 * Five simulated minutes in the life of a cluster: faults of all kinds, drawn from a seed, for the
 * first of them; then everything heals, and the rest shows whether it settles.
 */
final class Schedule {
  private static final long SECOND = 1_000_000;
  private static final long FAULTS_END = 200;
  private static final long SETTLED = 215;
  private static final long SLEWED = 3;
  private static final long END = 300;
  private static final int[] SIZES = {3, 5, 7};

  private final World world;
  private final Random random;

  private Schedule(long seed, Mutation mutation, List<String> trace) {
    this.random = new Random(~seed);
    List<String> names = new ArrayList<>();
    int size = SIZES[random.nextInt(SIZES.length)];
    for (int i = 1; i <= size; i++) {
      names.add("s" + i);
    }
    Policy policy = random.nextInt(4) == 0 ? Policy.LOWEST_RANK : Policy.HIGHEST_RANK;
    this.world = new World(seed, names, policy, mutation, trace);
  }

  /**
   * Runs the schedule of a seed.
   *
   * @return the world as it is in the end
   * @throws Invariants.Violation when something happened that must not
   */
  static World run(long seed, Mutation mutation, List<String> trace) {
    Schedule schedule = new Schedule(seed, mutation, trace);
    schedule.play();
    return schedule.world;
  }

  private void play() {
    LongSummaryStatistics starts = new LongSummaryStatistics();
    for (SimulatedServer server : world.servers) {
      long skew =
          random.nextInt(3) == 0
              ? random.nextLong(-60 * SECOND, 60 * SECOND)
              : random.nextLong(-SECOND, SECOND);
      server.setClock(skew, random.nextInt(-200, 201));
      long start = random.nextLong(3 * SECOND);
      starts.accept(start);
      at(start, server::start);
    }
    at(5 * SECOND, () -> world.invariants.startedCalmly(starts));
    for (long t = 5 * SECOND; t < FAULTS_END * SECOND; t += random.nextLong(10 * SECOND)) {
      fault(t);
    }
    at(FAULTS_END * SECOND, this::heal);
    Invariants invariants = world.invariants;
    settle();
    int before = invariants.electionsStarted();
    twoRounds();
    invariants.clocksAgree();
    world.runUntil(END);
    invariants.agreed();
    invariants.clocksAgree();
    invariants.noElectionsSince(before);
    invariants.listed();
  }

  private void settle() {
    long latest = FAULTS_END * SECOND;
    for (long t = latest; t <= SETTLED * SECOND; t += SECOND / 4) {
      world.runUntilMicros(t);
      latest = world.invariants.disagreement().isEmpty() ? latest : t;
    }
    world.settledAfterMicros = latest - FAULTS_END * SECOND;
    world.invariants.agreed();
  }

  /** Two rounds of the one coordinator, and the time in which their corrections are slewed. */
  private void twoRounds() {
    int before = world.invariants.roundsHeld();
    long now = world.timeline.nowMicros();
    while (world.invariants.roundsHeld() < before + 2 && now < END * SECOND) {
      now += SECOND / 4;
      world.runUntilMicros(now);
    }
    world.runUntilMicros(now + SLEWED * SECOND);
  }

  private void heal() {
    world.network.loss = 0;
    world.network.repeats = 0;
    world.network.late = 0;
    world.database.slow = false;
    world.database.unanswered = 0;
    for (SimulatedServer server : world.servers) {
      server.resume();
      if (!server.runs()) {
        server.kill(); // It may wait for an answer of the database that never comes.
        server.start();
      }
    }
  }

  /** One fault from {@code start} on, over at the latest when all faults end. */
  private void fault(long start) {
    SimulatedServer one = world.servers.get(random.nextInt(world.servers.size()));
    SimulatedServer other = world.servers.get(random.nextInt(world.servers.size()));
    long end = Math.min(start + 500_000 + random.nextLong(15 * SECOND), FAULTS_END * SECOND - 1);
    double much = random.nextDouble();
    switch (random.nextInt(17)) {
      case 0, 1 -> during(start, end, one::kill, one::start);
      case 2 -> during(start, end, one::stop, one::start);
      case 3 -> during(start, end, one::pause, one::resume);
      case 4 -> partition(start, end, true);
      case 5 -> partition(start, end, false);
      case 6 -> {
        cut(start, end, one, other);
        cut(start, end, other, one);
      }
      case 7 -> cut(start, end, one, other);
      case 8 -> flap(start, end, one, other);
      case 9 ->
          during(start, end, () -> world.network.loss = much / 2, () -> world.network.loss = 0);
      case 10 ->
          during(
              start, end, () -> world.network.repeats = much / 3, () -> world.network.repeats = 0);
      case 11 ->
          during(start, end, () -> world.network.late = much / 5, () -> world.network.late = 0);
      case 12 ->
          during(start, end, () -> world.database.down(true), () -> world.database.down(false));
      case 13 -> databaseCut(start, end);
      case 14 ->
          during(start, end, () -> world.database.slow = true, () -> world.database.slow = false);
      case 15 ->
          during(
              start,
              end,
              () -> world.database.unanswered = much,
              () -> world.database.unanswered = 0);
      case 16 -> {
        at(start, () -> other.missing(one.memberId()));
        at(
            end,
            () ->
                one.setClock(random.nextLong(-5 * SECOND, 5 * SECOND), random.nextInt(-200, 201)));
      }
      default -> throw new IllegalStateException();
    }
  }

  private void partition(long start, long end, boolean bothWays) {
    List<SimulatedServer> side = side();
    for (SimulatedServer in : side) {
      for (SimulatedServer out : world.servers) {
        if (!side.contains(out)) {
          cut(start, end, in, out);
          if (bothWays) {
            cut(start, end, out, in);
          }
        }
      }
    }
    if (random.nextInt(3) == 0) {
      side.forEach(server -> databaseCut(start, end, server));
    }
  }

  private List<SimulatedServer> side() {
    List<SimulatedServer> side = new ArrayList<>();
    while (side.isEmpty()) {
      for (SimulatedServer server : world.servers) {
        if (random.nextBoolean()) {
          side.add(server);
        }
      }
    }
    return side;
  }

  private void databaseCut(long start, long end) {
    side().forEach(server -> databaseCut(start, end, server));
  }

  private void databaseCut(long start, long end, SimulatedServer server) {
    boolean noticed = random.nextBoolean();
    during(
        start,
        end,
        () -> {
          world.database.cut(server.index(), true);
          if (noticed) {
            world.database.disconnected(server.run());
          }
        },
        () -> world.database.cut(server.index(), false));
  }

  private void flap(long start, long end, SimulatedServer one, SimulatedServer other) {
    for (long t = start; t < end; ) {
      long down = 100_000 + random.nextLong(1_500_000);
      long up = 100_000 + random.nextLong(1_500_000);
      cut(t, Math.min(t + down, end), one, other);
      cut(t, Math.min(t + down, end), other, one);
      t += down + up;
    }
  }

  private void cut(long start, long end, SimulatedServer from, SimulatedServer to) {
    during(
        start,
        end,
        () -> world.network.cut(from.index(), to.index()),
        () -> world.network.heal(from.index(), to.index()));
  }

  private void during(long start, long end, Runnable begin, Runnable over) {
    at(start, begin);
    at(end, over);
  }

  private void at(long micros, Runnable action) {
    world.timeline.after(micros, action);
  }
}
