package dev.batuta.simulation.dispatch;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Work and faults of all kinds, drawn from a seed, for 40 simulated seconds; then everything heals,
 * and all that was accepted has to end.
 */
final class Schedule {
  private static final long MILLI = 1_000;
  private static final long SECOND = 1_000_000;
  private static final long FAULTS_END = 40 * SECOND;

  /** Long enough for one worker whom one poison task after the other ends. */
  private static final long ENDED_WITHIN = 400 * SECOND;

  /** Seconds. */
  private static final int QUIET = 3;

  private final World world;
  private final Random random;

  private Schedule(long seed, Mutation mutation, List<String> trace) {
    this.random = new Random(~seed);
    int servers = 1 + random.nextInt(3);
    this.world = new World(seed, servers, servers + random.nextInt(4), mutation, trace);
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
    world.servers.forEach(server -> at(random.nextLong(2 * SECOND), server::start));
    world.workers.forEach(worker -> at(random.nextLong(3 * SECOND), worker::start));
    int submissions = (10 + random.nextInt(40)) * (random.nextInt(8) == 0 ? 4 : 1);
    long span = random.nextInt(4) == 0 ? 3 * SECOND : FAULTS_END;
    for (int i = 0; i < submissions; i++) {
      String key = random.nextInt(4) == 0 ? null : "key-" + i;
      List<NewTask> tasks = tasks(random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(30));
      at(random.nextLong(span), () -> world.client.submit(key, tasks));
    }
    for (int i = random.nextInt(20); i > 0; i--) {
      at(random.nextLong(FAULTS_END), world.client::cancelSome);
      at(random.nextLong(FAULTS_END), world.client::retrySome);
    }
    long pace = (1 + random.nextInt(6)) * SECOND;
    for (long t = 3 * SECOND; t < FAULTS_END; t += random.nextLong(2 * pace)) {
      fault(t);
    }
    at(FAULTS_END, this::heal);
    world.runUntil(FAULTS_END + 1);
    long end = FAULTS_END + ENDED_WITHIN;
    long now = FAULTS_END;
    // It stays so for a while: what comes late must change nothing.
    for (int quiet = 0; quiet < QUIET && now < end; ) {
      now += SECOND;
      world.runUntil(now);
      quiet = world.invariants.allEnded() ? quiet + 1 : 0;
    }
    world.invariants.all(ENDED_WITHIN / SECOND);
  }

  private List<NewTask> tasks(int count) {
    List<NewTask> tasks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long notBefore =
          random.nextInt(6) == 0
              ? world.nowMillis() + random.nextLong(FAULTS_END + 5 * SECOND) / MILLI
              : 0;
      int timeout = random.nextInt(10) == 0 ? 500 + random.nextInt(3000) : 0;
      tasks.add(
          new NewTask(payload(), random.nextInt(3) * 4, notBefore, timeout, 1 + random.nextInt(4)));
    }
    return tasks;
  }

  private Payload payload() {
    String user = World.USERS.get(random.nextInt(World.USERS.size()));
    String amount = random.nextInt(50) + "." + (10 + random.nextInt(90));
    return switch (random.nextInt(18)) {
      case 0, 1 -> new Query(user);
      case 2 -> new Update("nobody", Operation.DEPOSIT, amount);
      case 3 ->
          random.nextInt(4) == 0
              ? new Update(World.POISON, Operation.DEPOSIT, amount)
              : new Update(user, Operation.SET, amount);
      case 4, 5, 6 -> new Update(user, Operation.WITHDRAW, amount);
      case 7, 8, 9 -> {
        String other = World.USERS.get(random.nextInt(World.USERS.size()));
        yield user.equals(other) ? new Query(user) : new Transfer(user, other, amount);
      }
      case 10, 11 -> new Compute(random.nextInt(3) * random.nextLong(200), false);
      case 12 -> new Compute(0, random.nextInt(4) == 0);
      default -> new Update(user, Operation.DEPOSIT, amount);
    };
  }

  private void heal() {
    world.note("all", "heals", "");
    world.calm = true;
    world.network.heal();
    world.database.heal();
    // One server may be gone for good: then another has its queue, and its workers another master.
    SimulatedServer gone =
        world.servers.size() > 1 && random.nextInt(3) == 0 ? world.servers.getFirst() : null;
    for (SimulatedServer server : world.servers) {
      server.resume();
      if (server == gone) {
        server.kill();
      } else {
        server.start();
      }
    }
    for (SimulatedWorker worker : world.workers) {
      worker.resume();
      worker.start();
    }
    world.servers.stream()
        .filter(server -> server != gone)
        .forEach(server -> every(SECOND, server));
    world.workers.forEach(worker -> every(SECOND, worker));
  }

  /** One that was still stopping when all healed is started again when it has stopped. */
  private void every(long micros, SimulatedNode node) {
    node.start();
    world.timeline.after(micros, () -> every(micros, node));
  }

  /** One fault from {@code start} on, over at the latest when all faults end. */
  private void fault(long start) {
    SimulatedServer server = world.servers.get(random.nextInt(world.servers.size()));
    SimulatedWorker worker = world.workers.get(random.nextInt(world.workers.size()));
    long end = Math.min(start + SECOND / 10 + random.nextLong(10 * SECOND), FAULTS_END - 1);
    double much = random.nextDouble();
    SimulatedNetwork network = world.network;
    SimulatedDatabase database = world.database;
    switch (random.nextInt(20)) {
      case 0, 1 -> during(start, end, server::kill, server::start);
      case 2 -> during(start, end, server::stop, server::start);
      case 3 -> during(start, end, server::pause, server::resume);
      case 4, 5 -> during(start, end, worker::kill, worker::start);
      case 6 -> during(start, end, worker::pause, worker::resume);
      case 7 -> during(start, end, worker::stop, worker::start);
      case 8 -> during(start, end, () -> network.loss = much / 3, () -> network.loss = 0);
      case 9 -> during(start, end, () -> network.repeats = much / 3, () -> network.repeats = 0);
      case 10 -> during(start, end, () -> network.late = much / 4, () -> network.late = 0);
      case 11 -> cut(start, end, server, worker);
      case 12 -> at(start, () -> world.take(server));
      case 13 -> during(start, end, () -> database.down = true, () -> database.down = false);
      case 14 -> during(start, end, () -> database.broken = much / 3, () -> database.broken = 0);
      case 15 -> during(start, end, () -> database.refused = much / 2, () -> database.refused = 0);
      case 16 -> during(start, end, () -> database.late = much / 3, () -> database.late = 0);
      case 17 -> {
        SimulatedNode node = random.nextBoolean() ? server : worker;
        during(
            start, end, () -> database.cut(node.name, true), () -> database.cut(node.name, false));
        at(end, () -> worker.setClock(random.nextLong(-600_000, 600_000)));
      }
      case 18, 19 -> strand(start, end, server, much / 2);
      default -> throw new IllegalStateException();
    }
  }

  /**
   * The workers of a server are gone, and come back to more work while what it said meanwhile may
   * still be on its way.
   */
  private void strand(long start, long end, SimulatedServer server, double broken) {
    world.workers.stream()
        .filter(each -> each.home.equals(server.name))
        .forEach(each -> during(start, end, each::kill, each::start));
    SimulatedDatabase database = world.database;
    during(start, end, () -> database.broken = broken, () -> database.broken = 0);
    List<NewTask> slow = Collections.nCopies(20, new NewTask(new Compute(200, false), 0, 0, 0, 3));
    for (long at = start; at < end + 4 * SECOND; at += 2 * SECOND) {
      at(at, () -> world.client.submit(server, slow));
    }
  }

  private void cut(long start, long end, SimulatedNode one, SimulatedNode other) {
    SimulatedNetwork network = world.network;
    boolean there = random.nextInt(3) > 0;
    boolean back = !there || random.nextBoolean();
    if (there) {
      during(
          start,
          end,
          () -> network.cut(one.name, other.name),
          () -> network.heal(one.name, other.name));
    }
    if (back) {
      during(
          start,
          end,
          () -> network.cut(other.name, one.name),
          () -> network.heal(other.name, one.name));
    }
  }

  private void during(long start, long end, Runnable begin, Runnable over) {
    at(start, begin);
    at(end, over);
  }

  private void at(long micros, Runnable action) {
    world.timeline.after(micros, action);
  }
}
