package dev.batuta.simulation.control;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.batuta.codec.ReferenceMessage.Server;
import dev.batuta.election.EpochStore;
import dev.batuta.election.Peer;
import dev.batuta.election.Phase;
import dev.batuta.election.Times;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What must hold at each step, and what must hold once faults have ended. */
final class Invariants {
  /** Elections that one server may start within a minute, whatever its links do. */
  static final int MAX_ELECTIONS = 30;

  /** Claims that one server may send to the database within a minute. */
  static final int MAX_CLAIMS = 60;

  /** Clocks of servers after two rounds: what half a round trip and the drift between two leave. */
  static final long MAX_SPREAD_MICROS = 2_000;

  private static final long MINUTE_MICROS = 60_000_000;

  /** What a server needs until the others hear of it, at most. */
  private static final long STARTS_MICROS = 500_000;

  private final World world;
  private final Map<Long, Long> leaders = new HashMap<>();
  private final Map<Long, Set<Long>> granted = new HashMap<>();
  private final Map<String, Integer> ranks = new HashMap<>();
  private final Map<String, Deque<Long>> elections = new HashMap<>();
  private final Map<String, Deque<Long>> claims = new HashMap<>();
  private final long[] lastTimes;
  private final long[] lastEpochs;
  private long rowEpoch;
  private long writtenEpoch;
  private int started;
  private int mostElections;
  private int mostClaims;
  private int rounds;

  Invariants(World world) {
    this.world = world;
    this.lastTimes = new long[16];
    this.lastEpochs = new long[16];
  }

  // ---- at each step --------------------------------------------------------------------------

  /** After each event: epochs only grow. */
  void check() {
    long epoch = world.database.epoch();
    require(epoch >= rowEpoch, "the epoch ran back from %d to %d", rowEpoch, epoch);
    rowEpoch = epoch;
  }

  void started(SimulatedServer server) {
    lastTimes[server.index()] = Long.MIN_VALUE;
    lastEpochs[server.index()] = 0;
  }

  /**
   * A calm cold start takes one epoch: all servers were started within the time that one waits for
   * the better ones, and nothing has failed yet.
   *
   * @param starts when they were started
   */
  void startedCalmly(LongSummaryStatistics starts) {
    long spread = starts.getMax() - starts.getMin() + STARTS_MICROS;
    if (spread < 1_000 * Times.DEFAULT.settle()) {
      long epoch = world.database.epoch();
      require(epoch == 1, "%d epochs for a calm start", epoch);
      agreed();
    }
  }

  /** At most one coordinator in an epoch, and no server forgets an epoch that it knew. */
  void stepped(SimulatedServer server) {
    long known = server.state().epoch();
    long before = lastEpochs[server.index()];
    require(known >= before, "%s knew epoch %d and now %d", server.name(), before, known);
    lastEpochs[server.index()] = known;
    if (server.state().phase() instanceof Phase.Leading leading) {
      Long other = leaders.putIfAbsent(leading.epoch(), server.run());
      require(
          other == null || other == server.run(),
          "two coordinators in epoch %d, one of them %s",
          leading.epoch(),
          server.name());
    }
  }

  void answered(SimulatedServer server, EpochStore.Claim claim) {
    if (world.traces()) {
      String how =
          switch (claim) {
            case EpochStore.Claim.Won(var epoch) -> "grants epoch " + epoch;
            case EpochStore.Claim.Refused(var epoch, var holder, var why) -> "refuses: " + why;
          };
      world.note("db", how, server.name() + " claims");
    }
  }

  void granted(SimulatedServer server, long epoch) {
    granted.computeIfAbsent(server.run(), first -> new HashSet<>()).add(epoch);
  }

  /** Nobody acts without an epoch of its own, or after its lease. */
  void acts(SimulatedServer server, long epoch, long sinceConfirmedMillis) {
    require(
        granted.getOrDefault(server.run(), Set.of()).contains(epoch),
        "%s acts under epoch %d, which it was never granted",
        server.name(),
        epoch);
    require(
        sinceConfirmedMillis <= EpochStore.LEASE.toMillis(),
        "%s acts under epoch %d, %d ms after its last renewal",
        server.name(),
        epoch,
        sinceConfirmedMillis);
  }

  /** No write under an old epoch reaches shared state. */
  void wrote(SimulatedServer server, long epoch) {
    long row = world.database.epoch();
    require(
        epoch == row && epoch >= writtenEpoch,
        "%s wrote under epoch %d while %d was in force",
        server.name(),
        epoch,
        row);
    writtenEpoch = epoch;
  }

  /** A receive is later than its send. */
  void received(SimulatedServer to, String from, String what, long sent, long at) {
    require(
        at > sent,
        "%s of %s, sent at %d, was received by %s at %d",
        what,
        from,
        sent,
        to.name(),
        at);
  }

  void time(SimulatedServer server, long micros) {
    long before = lastTimes[server.index()];
    require(micros >= before, "the time of %s ran back by %d us", server.name(), before - micros);
    lastTimes[server.index()] = micros;
  }

  /** Ranks are unique, and stay. */
  void ranked(SimulatedServer server, int rank) {
    Integer before = ranks.putIfAbsent(server.name(), rank);
    require(
        before == null || before == rank,
        "%s had rank %d and now has %d",
        server.name(),
        before,
        rank);
    long same = ranks.values().stream().filter(other -> other == rank).count();
    require(same == 1, "rank %d was given twice, now to %s", rank, server.name());
  }

  /** Links that flap or work one way must not make a server spin. */
  void noted(SimulatedServer server, String event) {
    if (event.equals("election started")) {
      started++;
      mostElections = Math.max(mostElections, withinAMinute(elections, server, MAX_ELECTIONS));
    }
  }

  void claims(SimulatedServer server) {
    mostClaims = Math.max(mostClaims, withinAMinute(claims, server, MAX_CLAIMS));
  }

  private int withinAMinute(Map<String, Deque<Long>> when, SimulatedServer server, int most) {
    long now = world.timeline.nowMicros();
    Deque<Long> recent = when.computeIfAbsent(server.name(), first -> new ArrayDeque<>());
    recent.addLast(now);
    while (recent.getFirst() < now - MINUTE_MICROS) {
      recent.removeFirst();
    }
    require(
        recent.size() <= most,
        "%s did it %d times within a minute: %s",
        server.name(),
        recent.size(),
        most == MAX_CLAIMS ? "claims" : "elections");
    return recent.size();
  }

  /** The most that one server started within a minute. */
  int mostElections() {
    return mostElections;
  }

  /** Forgets the elections and claims so far. */
  void countFromHere() {
    elections.clear();
    claims.clear();
    mostElections = 0;
    mostClaims = 0;
  }

  /** The most claims that one server sent within a minute. */
  int mostClaims() {
    return mostClaims;
  }

  void held(SimulatedServer coordinator) {
    rounds++;
  }

  // ---- once faults have ended ----------------------------------------------------------------

  int electionsStarted() {
    return started;
  }

  int roundsHeld() {
    return rounds;
  }

  /** The server that is to coordinate, by the policy. */
  private Optional<SimulatedServer> best() {
    return world.servers.stream()
        .filter(SimulatedServer::runs)
        .reduce((one, other) -> world.policy.better(peer(one), peer(other)) ? one : other);
  }

  private static Peer peer(SimulatedServer server) {
    return new Peer(server.name(), server.rank(), true, true);
  }

  /** The right one coordinates, and all agree; empty when it is so, else what is not. */
  String disagreement() {
    SimulatedServer best = best().orElse(null);
    if (best == null) {
      return "nobody runs";
    }
    long epoch = world.database.epoch();
    for (SimulatedServer server : world.servers) {
      if (!server.runs()) {
        return server.name() + " does not run";
      }
      if (server == best) {
        if (server.state().mayAct(server.nowMillis()).orElse(0) != epoch) {
          return "%s ranks best and does not coordinate: %s"
              .formatted(server.name(), server.state().phase());
        }
      } else if (!(server.state().phase() instanceof Phase.Following following)
          || !following.coordinator().equals(best.name())
          || following.epoch() != epoch
          || following.acting()) {
        return "%s does not follow %s in epoch %d: %s"
            .formatted(server.name(), best.name(), epoch, server.state().phase());
      }
    }
    return "";
  }

  void agreed() {
    String disagreement = disagreement();
    require(disagreement.isEmpty(), "%s", disagreement);
  }

  long spreadMicros() {
    long[] readings =
        world.servers.stream().mapToLong(server -> server.clock().read().timeMicros()).toArray();
    return Arrays.stream(readings).max().orElse(0) - Arrays.stream(readings).min().orElse(0);
  }

  void clocksAgree() {
    long spread = spreadMicros();
    require(spread <= MAX_SPREAD_MICROS, "clocks are %d us apart", spread);
  }

  void noElectionsSince(int before) {
    require(started == before, "%d elections after all had settled", started - before);
  }

  /** Every server lists all with the ranks that they were given. */
  void listed() {
    for (SimulatedServer server : world.servers) {
      List<Server> list = server.registry().list(server.nowMillis());
      for (Server each : list) {
        Integer given = ranks.get(each.name());
        require(
            given != null && given == each.rank(),
            "%s says that %s has rank %d",
            server.name(),
            each.name(),
            each.rank());
      }
      require(
          list.size() == world.servers.size(),
          "%s lists %d of %d servers",
          server.name(),
          list.size(),
          world.servers.size());
    }
  }

  @FormatMethod
  private static void require(boolean holds, @FormatString String broken, Object... values) {
    if (!holds) {
      throw new Violation(broken.formatted(values));
    }
  }

  /** An invariant does not hold. */
  static final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    Violation(String message) {
      super(message);
    }
  }
}
