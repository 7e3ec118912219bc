package dev.batuta.simulation.control;

import java.util.List;
import java.util.Random;

/**
 * Four simulated minutes of three to five masters and up to ten workers: loads that swing, and
 * faults of all kinds, drawn from a seed, for the first two of them; then everything heals and
 * there is nothing left to do, and the rest shows whether everybody comes home.
 */
final class LendingSchedule {
  private static final long SECOND = LendingWorld.SECOND;
  private static final long FAULTS_END = 120;

  /** After the last fault every worker is in a farm within so many seconds, */
  static final long FOUND = 15;

  /** and at home within so many. */
  static final long HOME = 90;

  private static final long END = 240;
  private static final double[] ARRIVALS = {0, 0, 5, 20, 45, 80, 300};

  private final LendingWorld world;
  private final Random random;

  private LendingSchedule(long seed, LendingMutation mutation, List<String> trace) {
    this.random = new Random(~seed);
    int[] farms = new int[3 + random.nextInt(3)];
    int workers = 3 + random.nextInt(8);
    for (int i = 0; i < workers; i++) {
      farms[random.nextInt(farms.length)]++;
    }
    this.world = new LendingWorld(seed, farms, mutation, trace);
  }

  /**
   * Runs the schedule of a seed.
   *
   * @return the world as it is in the end
   * @throws Invariants.Violation when something happened that must not
   */
  static LendingWorld run(long seed, LendingMutation mutation, List<String> trace) {
    LendingSchedule schedule = new LendingSchedule(seed, mutation, trace);
    schedule.play();
    return schedule.world;
  }

  private void play() {
    world.slowTasks = random.nextBoolean();
    world.nodes().forEach(node -> world.at(random.nextLong(3 * SECOND), node::start));
    world.masters.forEach(this::swing);
    boolean quiet = random.nextInt(5) == 0;
    for (long t = 5 * SECOND;
        t < FAULTS_END * SECOND && !quiet;
        t += random.nextLong(10 * SECOND)) {
      fault(t);
    }
    world.at(FAULTS_END * SECOND, this::heal);
    world.runUntilMicros((FAULTS_END + FOUND) * SECOND);
    world.invariants.nobodyIsLost();
    comeHome();
    int moved = world.invariants.moved();
    world.runUntilMicros(END * SECOND);
    world.invariants.allAreAtHome();
    world.invariants.nobodyIsLost();
    if (world.invariants.moved() != moved) {
      throw new Invariants.Violation("workers move though there is nothing to do");
    }
  }

  private void comeHome() {
    long now = world.timeline.nowMicros();
    while (!world.invariants.away().isEmpty() && now < (FAULTS_END + HOME) * SECOND) {
      now += SECOND / 4;
      world.runUntilMicros(now);
    }
    world.homeAfterMicros = now - FAULTS_END * SECOND;
    world.invariants.allAreAtHome();
  }

  /** Another load every now and then, on some masters more often. */
  private void swing(LendingMaster master) {
    long period = (1 + random.nextLong(20)) * SECOND;
    for (long t = 0; t < FAULTS_END * SECOND; t += 1 + random.nextLong(period)) {
      double arrivals = ARRIVALS[random.nextInt(ARRIVALS.length)];
      world.at(t, () -> master.arrivals = arrivals);
    }
  }

  private void heal() {
    world.network.loss = 0;
    world.network.repeats = 0;
    world.network.late = 0;
    world.slowTasks = false;
    world.nodes().forEach(LendingNode::resume);
    world.nodes().forEach(LendingNode::start);
    world.masters.forEach(LendingMaster::empty);
  }

  /** One fault from {@code start} on, over at the latest when all faults end. */
  private void fault(long start) {
    List<LendingNode> nodes = world.nodes();
    LendingNode one = nodes.get(random.nextInt(nodes.size()));
    LendingNode other = nodes.get(random.nextInt(nodes.size()));
    LendingNode master = world.masters.get(random.nextInt(world.masters.size()));
    long end = Math.min(start + SECOND / 2 + random.nextLong(20 * SECOND), FAULTS_END * SECOND - 1);
    double much = random.nextDouble();
    switch (random.nextInt(10)) {
      case 0, 1 -> during(start, end, master::kill, master::start);
      case 2 -> during(start, end, one::kill, one::start);
      case 3 -> during(start, end, one::pause, one::resume);
      case 4 -> partition(start, end, true);
      case 5 -> partition(start, end, false);
      case 6 -> {
        cut(start, end, one, other);
        cut(start, end, other, one);
      }
      case 7 ->
          during(start, end, () -> world.network.loss = much / 2, () -> world.network.loss = 0);
      case 8 ->
          during(
              start, end, () -> world.network.repeats = much / 3, () -> world.network.repeats = 0);
      case 9 ->
          during(start, end, () -> world.network.late = much / 5, () -> world.network.late = 0);
      default -> throw new IllegalStateException();
    }
  }

  private void partition(long start, long end, boolean bothWays) {
    List<LendingNode> nodes = world.nodes();
    List<LendingNode> side = nodes.stream().filter(node -> random.nextBoolean()).toList();
    for (LendingNode in : side) {
      for (LendingNode out : nodes) {
        if (!side.contains(out)) {
          cut(start, end, in, out);
          if (bothWays) {
            cut(start, end, out, in);
          }
        }
      }
    }
  }

  private void cut(long start, long end, LendingNode from, LendingNode to) {
    during(
        start,
        end,
        () -> world.network.cut(from.index(), to.index()),
        () -> world.network.heal(from.index(), to.index()));
  }

  private void during(long start, long end, Runnable begin, Runnable over) {
    world.at(start, begin);
    world.at(end, over);
  }
}
