package dev.batuta.simulation.control;

import dev.batuta.bus.Member;
import dev.batuta.bus.Members;
import dev.batuta.clock.NodeClock;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.election.ElectionInput;
import dev.batuta.election.ElectionState;
import dev.batuta.reference.Registry;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The cores of one server, wired as the verticles wire them: inputs from messages and timers,
 * effects to the network and the database.
 */
final class SimulatedServer extends SimulatedProcess {
  private static final long BEAT = 250 * MILLI;
  private static final long ELECTION_TICK = 125 * MILLI;
  private static final long CLOCK_TICK = 250 * MILLI;
  private static final long HEALTH_TICK = 500 * MILLI;
  private static final long DRAIN = 50 * MILLI;
  private static final long ACT = 500 * MILLI;
  private static final long REFERENCE_BEAT = 10_000 * MILLI;
  private static final List<String> ROLES = List.of("server");
  private static final Members.Limits DETECTION =
      new Members.Limits(
          Duration.ofMillis(250),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60));
  private long skewMicros;
  private double driftPpm;

  // Of the present run.
  private int rank;
  private boolean begun;
  private boolean draining;
  private boolean startAgain;
  private Members members = new Members(DETECTION);
  private Registry registry = new Registry(60_000);
  private SimulatedClock clocks;
  private SimulatedElection election;
  private long memberTick;

  SimulatedServer(World world, int index, String name) {
    super(world, index, name);
    this.clocks = new SimulatedClock(world, this);
    this.election = new SimulatedElection(world, this, Map.of());
  }

  // ---- its life ------------------------------------------------------------------------------

  /** Sets the error of its machine's clock; a change is a jump of that clock. */
  void setClock(long skew, double drift) {
    skewMicros = skew;
    driftPpm = drift;
  }

  /** Starts it; one that is still stopping is started again when it has stopped. */
  void start() {
    if (run() != 0) {
      startAgain = draining;
      return;
    }
    beginRun();
    startAgain = false;
    begun = false;
    draining = false;
    members = new Members(DETECTION);
    registry = new Registry(60_000);
    clocks = new SimulatedClock(world, this);
    memberTick = world.timeline.nowMicros();
    world.invariants.started(this);
    note("starts", "");
    askRank(run());
  }

  /** A server needs its rank before anything else, and the database for that. */
  private void askRank(long of) {
    world.database.execute(
        index(),
        () -> {
          int given = world.database.rank(name());
          return Map.entry(given, world.database.ranks());
        },
        answer -> inRun(of, () -> begin(answer.getKey(), answer.getValue())),
        failed -> world.timeline.after(1_000 * MILLI, () -> inRun(of, () -> askRank(of))));
  }

  private void begin(int given, Map<String, Integer> ranks) {
    rank = given;
    begun = true;
    ranks.forEach(registry::ranked);
    world.invariants.ranked(this, given);
    election = new SimulatedElection(world, this, ranks);
    every(BEAT, this::beat);
    every(ELECTION_TICK, () -> election.tick());
    every(CLOCK_TICK, () -> clocks.tick());
    every(HEALTH_TICK, () -> election.lookAtTheDatabase());
    every(ACT, () -> election.act());
    every(REFERENCE_BEAT, this::referenceBeat);
    beat();
    referenceBeat();
  }

  /** Ends as by {@code kill -9}: the connections close, which most of the others notice. */
  void kill() {
    if (run() == 0) {
      return;
    }
    note("is killed", "");
    end();
  }

  /** Stops gracefully, as by SIGTERM. */
  void stop() {
    if (!runs() || isPaused() || draining) {
      return;
    }
    note("stops", "");
    long of = run();
    draining = true;
    beat();
    world.timeline.after(DRAIN, () -> inRun(of, () -> election.take(new ElectionInput.Stop())));
    world.timeline.after(
        DRAIN + 200 * MILLI,
        () ->
            inRun(
                of,
                () -> {
                  publish("leaves", server -> server.apply(server.members.left(name(), of)));
                  end();
                }));
  }

  private void end() {
    long over = endRun();
    begun = false;
    world.timeline.after(
        world.between(20 * MILLI, 100 * MILLI), () -> world.database.disconnected(over));
    for (SimulatedServer other : world.servers) {
      if (other != this && world.network.reaches(index(), other.index())) {
        world.timeline.after(
            world.between(100 * MILLI, 300 * MILLI), () -> other.missing("member-" + over));
      }
    }
    if (startAgain) {
      start();
    }
  }

  /** The cluster manager reports that a member is gone, rightly or not. */
  void missing(String member) {
    perform(() -> apply(members.removed(member)));
  }

  // ---- failure detection ---------------------------------------------------------------------

  private void beat() {
    long now = world.timeline.nowMicros();
    apply(members.tick(Duration.ofNanos(1_000 * (now - memberTick))));
    memberTick = now;
    Heartbeat heartbeat =
        new Heartbeat(
            name(),
            run(),
            memberId(),
            1,
            "",
            ROLES,
            rank,
            draining ? NodeState.DRAINING : NodeState.READY,
            0,
            0,
            clocks.requests(),
            election.healthy());
    members.heard(heartbeat, clockValue());
    publish("heartbeat", server -> server.apply(server.members.heard(heartbeat, 0)));
  }

  private void apply(List<Members.Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    if (world.traces()) {
      changes.forEach(
          c ->
              note(
                  "sees " + c.member().name(),
                  c.member().liveness().toString().toLowerCase(java.util.Locale.ROOT)));
    }
    for (Members.Change change : changes) {
      if (change.member().liveness() == Member.Liveness.GONE) {
        election.take(new ElectionInput.Gone(change.member().name()));
      }
    }
    election.tick();
  }

  List<String> live() {
    return members.view().stream().filter(Member::alive).map(Member::name).toList();
  }

  // ---- reference service ---------------------------------------------------------------------

  private void referenceBeat() {
    registry.heard(name(), name(), 0, nowMillis());
    publish("alive", server -> server.heardAlive(name()));
  }

  private void heardAlive(String server) {
    registry.heard(server, server, 0, nowMillis());
    if (registry.rank(server).isEmpty()) {
      long of = run();
      world.database.execute(
          index(),
          world.database::ranks,
          ranks -> inRun(of, () -> ranks.forEach(registry::ranked)),
          why -> {});
    }
  }

  // ---- what can be seen from outside ---------------------------------------------------------

  int rank() {
    return rank;
  }

  @Override
  boolean listens() {
    return begun;
  }

  @Override
  SimulatedServer self() {
    return this;
  }

  boolean runs() {
    return run() != 0 && begun;
  }

  long skewMicros() {
    return skewMicros;
  }

  double driftPpm() {
    return driftPpm;
  }

  SimulatedClock clocks() {
    return clocks;
  }

  /** Clients' requests in the whole cluster, as this server has heard. */
  long requestsInSight() {
    return members.view().stream().mapToLong(member -> member.last().requests()).sum();
  }

  ElectionState state() {
    return election.state();
  }

  SimulatedElection election() {
    return election;
  }

  Members members() {
    return members;
  }

  Registry registry() {
    return registry;
  }

  NodeClock clock() {
    return clocks.clock();
  }

  /** Its own monotonic clock: timers run as fast as the quartz of the machine does. */
  long nowMillis() {
    double drifted = world.timeline.nowMicros() * (1 + driftPpm / 1e6);
    return (long) drifted / MILLI;
  }
}
