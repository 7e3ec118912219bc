package dev.batuta.simulation;

import dev.batuta.bus.LamportClock;
import dev.batuta.bus.Member;
import dev.batuta.bus.Members;
import dev.batuta.clock.Berkeley;
import dev.batuta.clock.NodeClock;
import dev.batuta.clock.Rounds;
import dev.batuta.codec.ClockMessage.Adjust;
import dev.batuta.codec.ClockMessage.Reading;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import dev.batuta.codec.ClusterMessage.NodeState;
import dev.batuta.codec.ElectionMessage;
import dev.batuta.election.Election;
import dev.batuta.election.ElectionEffect;
import dev.batuta.election.ElectionInput;
import dev.batuta.election.ElectionState;
import dev.batuta.election.EpochStore;
import dev.batuta.election.Peer;
import dev.batuta.election.Phase;
import dev.batuta.election.Policy;
import dev.batuta.election.Times;
import dev.batuta.reference.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The cores of one server, wired as the verticles wire them: inputs from messages and timers,
 * effects to the network and the database.
 */
final class SimulatedServer {
  private static final long MILLI = 1_000;
  private static final long BEAT = 250 * MILLI;
  private static final long ELECTION_TICK = 125 * MILLI;
  private static final long CLOCK_TICK = 250 * MILLI;
  private static final long HEALTH_TICK = 500 * MILLI;
  private static final long HEALTH_TIMEOUT = 2_000 * MILLI;
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
  private static final Rounds.Settings ROUNDS =
      new Rounds.Settings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          10,
          new Berkeley.Limits(Duration.ofSeconds(10), Duration.ofMillis(50)));

  private final World world;
  private final int index;
  private final String name;
  private final Set<Runnable> stalled = new LinkedHashSet<>();
  private long skewMicros;
  private double driftPpm;
  private long run;
  private boolean paused;

  // Of the present run.
  private int rank;
  private boolean begun;
  private boolean draining;
  private boolean startAgain;
  private LamportClock lamport = new LamportClock();
  private Members members = new Members(DETECTION);
  private Registry registry = new Registry(60_000);
  private NodeClock clock;
  private Rounds rounds = new Rounds(ROUNDS, 0);
  private ElectionState state;
  private long memberTick;
  private long renewalSent;
  private long confirmed;
  private boolean healthy;
  private long healthAsked;
  private long requests;

  SimulatedServer(World world, int index, String name) {
    this.world = world;
    this.index = index;
    this.name = name;
    this.clock = newClock();
    this.state = newElection();
  }

  // ---- its life ------------------------------------------------------------------------------

  /** Sets the error of its machine's clock; a change is a jump of that clock. */
  void setClock(long skew, double drift) {
    skewMicros = skew;
    driftPpm = drift;
  }

  /** Starts it; one that is still stopping is started again when it has stopped. */
  void start() {
    if (run != 0) {
      startAgain = draining;
      return;
    }
    startAgain = false;
    run = world.random.nextLong() | 1;
    paused = false;
    begun = false;
    draining = false;
    stalled.clear();
    lamport = new LamportClock();
    members = new Members(DETECTION);
    registry = new Registry(60_000);
    clock = newClock();
    rounds = new Rounds(ROUNDS, nowMillis());
    renewalSent = 0;
    confirmed = Long.MIN_VALUE / 2;
    healthy = true;
    healthAsked = 0;
    requests = 0;
    memberTick = world.timeline.nowMicros();
    world.invariants.started(this);
    note("starts", "");
    askRank(run);
  }

  /** A server needs its rank before anything else, and the database for that. */
  private void askRank(long of) {
    world.database.execute(
        index,
        () -> {
          int given = world.database.rank(name);
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
    state = newElection();
    every(BEAT, this::beat);
    every(ELECTION_TICK, this::electionTick);
    every(CLOCK_TICK, this::clockTick);
    every(HEALTH_TICK, this::healthTick);
    every(ACT, this::act);
    every(REFERENCE_BEAT, this::referenceBeat);
    beat();
    referenceBeat();
  }

  private ElectionState newElection() {
    Policy mine = world.policy;
    if (world.mutation == Mutation.ONE_SERVER_RANKS_THE_OTHER_WAY_ROUND && index == 0) {
      mine = mine == Policy.HIGHEST_RANK ? Policy.LOWEST_RANK : Policy.HIGHEST_RANK;
    }
    return ElectionState.initial(new Peer(name, rank, true, true), mine, times(), nowMillis());
  }

  private Times times() {
    Times t = Times.DEFAULT;
    return switch (world.mutation) {
      case NO_BACK_OFF ->
          new Times(
              t.answer(),
              t.announcement(),
              t.claim(),
              t.retry(),
              t.lease(),
              t.repeat(),
              t.hush(),
              t.doubt(),
              t.notice(),
              t.calm(),
              0);
      case FOLLOWERS_ARE_IMPATIENT ->
          new Times(
              t.answer(),
              t.announcement(),
              t.claim(),
              t.retry(),
              t.lease(),
              t.repeat(),
              600,
              t.doubt(),
              t.notice(),
              t.calm(),
              t.longest());
      default -> t;
    };
  }

  private NodeClock newClock() {
    return new NodeClock(
        () -> 1_000_000_000_000L + world.timeline.nowMicros() + skewMicros,
        () -> world.timeline.nowMicros(),
        Duration.ZERO,
        driftPpm);
  }

  /** Ends as by {@code kill -9}: the connections close, which most of the others notice. */
  void kill() {
    if (run == 0) {
      return;
    }
    note("is killed", "");
    end();
  }

  /** Stops gracefully, as by SIGTERM. */
  void stop() {
    if (run == 0 || paused || !begun) {
      return;
    }
    note("stops", "");
    long of = run;
    draining = true;
    beat();
    world.timeline.after(DRAIN, () -> inRun(of, () -> take(new ElectionInput.Stop())));
    world.timeline.after(
        DRAIN + 200 * MILLI,
        () ->
            inRun(
                of,
                () -> {
                  publish("leaves", server -> server.apply(server.members.left(name, of)));
                  end();
                }));
  }

  private void end() {
    long over = run;
    run = 0;
    begun = false;
    paused = false;
    stalled.clear();
    world.timeline.after(
        world.between(20 * MILLI, 100 * MILLI), () -> world.database.disconnected(over));
    for (SimulatedServer other : world.servers) {
      if (other != this && world.network.reaches(index, other.index)) {
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

  String memberId() {
    return "member-" + run;
  }

  /** Stops all its threads, as SIGSTOP does; what arrives waits. */
  void pause() {
    if (run != 0 && !paused) {
      note("pauses", "");
      paused = true;
    }
  }

  void resume() {
    if (run != 0 && paused) {
      note("resumes", "");
      paused = false;
      List<Runnable> waiting = List.copyOf(stalled);
      stalled.clear();
      waiting.forEach(this::perform);
    }
  }

  private void inRun(long of, Runnable action) {
    if (run == of) {
      perform(action);
    }
  }

  private void perform(Runnable action) {
    if (run == 0) {
      return;
    }
    if (paused) {
      stalled.add(action);
    } else {
      action.run();
    }
  }

  /** Repeats for the rest of this run; a process that was paused makes up for one turn only. */
  private void every(long micros, Runnable action) {
    long of = run;
    world.timeline.after(world.between(micros / 2, micros), () -> turn(of, micros, action));
  }

  private void turn(long of, long micros, Runnable action) {
    if (run == of) {
      perform(action);
      world.timeline.after(micros, () -> turn(of, micros, action));
    }
  }

  // ---- messages ------------------------------------------------------------------------------

  private void send(SimulatedServer to, String what, Consumer<SimulatedServer> received) {
    long sent = lamport.beforeSend();
    world.network.send(
        what, index, to.index, () -> to.perform(() -> to.receive(name, sent, what, received)));
  }

  private void publish(String what, Consumer<SimulatedServer> received) {
    for (SimulatedServer other : world.servers) {
      if (other != this) {
        send(other, what, received);
      }
    }
  }

  private void receive(String from, long sent, String what, Consumer<SimulatedServer> received) {
    if (!begun) {
      return;
    }
    long at =
        world.mutation == Mutation.RECEIVES_DO_NOT_LOOK_AT_THE_SENDER
            ? lamport.beforeSend()
            : lamport.onReceive(sent);
    world.invariants.received(this, from, what, sent, at);
    received.accept(this);
  }

  // ---- failure detection ---------------------------------------------------------------------

  private void beat() {
    long now = world.timeline.nowMicros();
    apply(members.tick(Duration.ofNanos(1_000 * (now - memberTick))));
    memberTick = now;
    Heartbeat heartbeat =
        new Heartbeat(
            name,
            run,
            memberId(),
            1,
            "",
            ROLES,
            rank,
            draining ? NodeState.DRAINING : NodeState.READY,
            0,
            0,
            requests,
            healthy);
    members.heard(heartbeat, lamport.value());
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
    electionTick();
  }

  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    for (Member member : members.view()) {
      if (member.alive()
          && !member.name().equals(name)
          && member.last().state() != NodeState.DRAINING) {
        boolean steady = member.inSight().compareTo(Peer.STEADY) >= 0;
        peers.add(new Peer(member.name(), member.last().rank(), member.last().database(), steady));
      }
    }
    return peers;
  }

  private List<String> live() {
    return members.view().stream().filter(Member::alive).map(Member::name).toList();
  }

  // ---- election ------------------------------------------------------------------------------

  private void electionTick() {
    take(new ElectionInput.Tick(healthy));
  }

  /** An operator asks it for an election. */
  void ask() {
    perform(() -> take(new ElectionInput.Asked()));
  }

  private void take(ElectionInput input) {
    Election.Step step = Election.step(state, nowMillis(), peers(), input);
    state = step.next();
    world.invariants.stepped(this);
    step.effects().forEach(this::carryOut);
  }

  private void carryOut(ElectionEffect effect) {
    switch (effect) {
      case ElectionEffect.Send(var to, var message) -> tell(world.server(to), message);
      case ElectionEffect.Publish(var message) -> {
        if (!isRepeated(message)) {
          note("to all", describe(message));
        }
        publish(kind(message), server -> server.take(new ElectionInput.Heard(message)));
      }
      case ElectionEffect.Claim(var above) -> claim(above);
      case ElectionEffect.Renew(var epoch) -> renew(epoch);
      case ElectionEffect.Release release -> release(release);
      case ElectionEffect.Note(var event, var detail) -> {
        world.invariants.noted(this, event);
        note(event, detail);
      }
    }
  }

  private long announcedAtEpoch = -1;

  private boolean isRepeated(ElectionMessage message) {
    if (message instanceof ElectionMessage.Coordinator announced) {
      boolean again = announced.epoch() == announcedAtEpoch;
      announcedAtEpoch = announced.epoch();
      return again;
    }
    return false;
  }

  private void tell(SimulatedServer to, ElectionMessage message) {
    note("to " + to.name, describe(message));
    send(to, kind(message), s -> s.take(new ElectionInput.Heard(message)));
  }

  private static String kind(ElectionMessage message) {
    String words = describe(message);
    return words.contains(" ") ? words.substring(0, words.indexOf(' ')) : words;
  }

  private static String describe(ElectionMessage message) {
    return switch (message) {
      case ElectionMessage.Election _ -> "ELECTION";
      case ElectionMessage.Ok _ -> "OK";
      case ElectionMessage.Coordinator c ->
          "COORDINATOR %s, epoch %d%s"
              .formatted(c.server(), c.epoch(), c.acting() ? ", acting" : "");
      case ElectionMessage.HandOver _ -> "HAND OVER";
      case ElectionMessage.Released r -> "RELEASED epoch " + r.epoch() + ", " + r.reason();
      case ElectionMessage.AskElection _ -> "ASKS FOR AN ELECTION";
    };
  }

  private void claim(long above) {
    world.invariants.claims(this);
    long of = run;
    long sent = nowMillis();
    world.database.execute(
        index,
        () -> {
          EpochStore.Claim claim = world.database.claim(name, of, above);
          world.invariants.answered(this, claim);
          return claim;
        },
        claim -> inRun(of, () -> claimed(claim, sent)),
        why -> inRun(of, () -> take(new ElectionInput.ClaimUnknown(why))));
  }

  private void claimed(EpochStore.Claim claim, long sent) {
    switch (claim) {
      case EpochStore.Claim.Won(var epoch) -> {
        confirmed = Math.max(confirmed, sent);
        world.invariants.granted(this, epoch);
        take(new ElectionInput.Claimed(epoch, sent));
      }
      case EpochStore.Claim.Refused(var epoch, var holder, var why) ->
          take(new ElectionInput.ClaimRefused(epoch, holder, why));
    }
  }

  private void renew(long epoch) {
    long sent = nowMillis();
    if (renewalSent != 0 && sent - renewalSent < EpochStore.LEASE.toMillis()) {
      return;
    }
    long of = run;
    renewalSent = sent;
    world.database.execute(
        index,
        () -> world.database.renew(epoch, of),
        held ->
            inRun(
                of,
                () -> {
                  renewalSent = renewalSent == sent ? 0 : renewalSent;
                  confirmed = held ? Math.max(confirmed, sent) : confirmed;
                  take(
                      held
                          ? new ElectionInput.Renewed(epoch, sent)
                          : new ElectionInput.RenewRefused(epoch));
                }),
        why -> inRun(of, () -> renewalSent = renewalSent == sent ? 0 : renewalSent));
  }

  private void release(ElectionEffect.Release release) {
    long of = run;
    world.database.execute(
        index,
        () -> world.database.release(release.epoch(), of),
        released ->
            inRun(
                of,
                () -> {
                  if (released) {
                    note("to all", describe(release.then()));
                    publish("released", s -> s.take(new ElectionInput.Heard(release.then())));
                  }
                }),
        why -> note("release unknown", why));
  }

  /** What a coordinator does to shared state, now and then. */
  private void act() {
    long epoch = state.mayAct(nowMillis()).orElse(0);
    if (world.mutation == Mutation.LEASE_IS_NOT_CHECKED
        && state.phase() instanceof Phase.Leading leading) {
      epoch = leading.epoch();
    }
    if (world.mutation == Mutation.ACTING_HAS_POWERS && state.phase() instanceof Phase.Acting) {
      epoch = state.epoch();
    }
    if (epoch == 0) {
      return;
    }
    long under = epoch;
    long of = run;
    world.invariants.acts(this, under, nowMillis() - confirmed);
    world.database.execute(
        index,
        () -> {
          boolean accepted = world.database.write(under, of);
          if (accepted) {
            world.invariants.wrote(this, under);
          } else {
            note("write refused", "epoch " + under);
          }
          return accepted;
        },
        accepted -> {},
        why -> {});
  }

  private void healthTick() {
    if (healthAsked != 0) {
      return;
    }
    long of = run;
    long asked = world.timeline.nowMicros() + 1;
    healthAsked = asked;
    Consumer<Boolean> known =
        reached ->
            inRun(
                of,
                () -> {
                  if (healthAsked == asked) {
                    healthAsked = 0;
                    healthy = reached;
                  }
                });
    world.database.execute(index, () -> true, known, why -> known.accept(false));
    world.timeline.after(HEALTH_TIMEOUT, () -> known.accept(false));
  }

  // ---- clocks --------------------------------------------------------------------------------

  private void clockTick() {
    requests += world.isEven() ? 0 : world.random.nextInt(4);
    boolean coordinates = state.coordinates(nowMillis());
    long counted =
        coordinates
            ? members.view().stream().mapToLong(member -> member.last().requests()).sum()
            : 0;
    hold(new Rounds.Input.Tick(coordinates, counted, live()));
    long time =
        world.mutation == Mutation.TIME_FOLLOWS_CORRECTIONS_BACK
            ? clock.read().timeMicros()
            : clock.timeMicros();
    world.invariants.time(this, time);
  }

  private void hold(Rounds.Input input) {
    for (Rounds.Effect effect : rounds.step(nowMillis(), input)) {
      switch (effect) {
        case Rounds.Effect.Poll(var to, var round, var number) ->
            poll(world.server(to), round, number);
        case Rounds.Effect.Correct(var to, var adjust) ->
            send(world.server(to), "adjust", server -> server.adjust(adjust));
        case Rounds.Effect.Held held -> {
          world.invariants.held(this);
          note("Berkeley round", Scenario.describe(held));
        }
      }
    }
  }

  private void poll(SimulatedServer to, long round, int number) {
    long of = run;
    long sent = clock.read().timeMicros();
    send(
        to,
        "poll",
        server -> {
          NodeClock.Snapshot read = server.clock.read();
          Reading reading =
              new Reading(round, read.timeMicros(), read.offsetMicros(), read.adjustments());
          server.send(
              this,
              "reading",
              me ->
                  me.inRun(
                      of,
                      () ->
                          hold(
                              new Rounds.Input.Answered(
                                  number, to.name, sent, clock.read().timeMicros(), reading))));
        });
    world.timeline.after(
        rounds.patience().toNanos() / 1_000,
        () -> inRun(of, () -> hold(new Rounds.Input.Unanswered(round, number, to.name))));
  }

  private void adjust(Adjust adjust) {
    long to = adjust.offsetMicros();
    if (world.mutation == Mutation.ADJUSTMENTS_HAVE_THE_WRONG_SIGN) {
      to -= 2 * adjust.adjustmentMicros();
    }
    clock.adjust(to, adjust.adjustments());
    requests = 0;
    hold(new Rounds.Input.Heard(adjust.round()));
  }

  // ---- reference service ---------------------------------------------------------------------

  private void referenceBeat() {
    registry.heard(name, name, 0, nowMillis());
    publish("alive", server -> server.heardAlive(name));
  }

  private void heardAlive(String server) {
    registry.heard(server, server, 0, nowMillis());
    if (registry.rank(server).isEmpty()) {
      long of = run;
      world.database.execute(
          index,
          world.database::ranks,
          ranks -> inRun(of, () -> ranks.forEach(registry::ranked)),
          why -> {});
    }
  }

  // ---- what can be seen from outside ---------------------------------------------------------

  String name() {
    return name;
  }

  int index() {
    return index;
  }

  int rank() {
    return rank;
  }

  long run() {
    return run;
  }

  boolean runs() {
    return run != 0 && begun;
  }

  ElectionState state() {
    return state;
  }

  Registry registry() {
    return registry;
  }

  NodeClock clock() {
    return clock;
  }

  /** Its own monotonic clock: timers run as fast as the quartz of the machine does. */
  long nowMillis() {
    double drifted = world.timeline.nowMicros() * (1 + driftPpm / 1e6);
    return (long) drifted / MILLI;
  }

  private void note(String event, String detail) {
    if (world.traces()) {
      world.note(name, event, detail);
    }
  }
}
