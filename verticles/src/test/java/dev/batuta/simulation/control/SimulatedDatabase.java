package dev.batuta.simulation.control;

import dev.batuta.election.EpochStore;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The epoch row and the ranks as the database keeps them, behind connections that may be refused,
 * slow, or lost after the statement was applied.
 */
final class SimulatedDatabase {
  private static final long LEASE_MICROS = EpochStore.LEASE.toNanos() / 1_000;
  private static final long QUICK_MICROS = 1_500;
  private static final long SLOW_MICROS = 4_000_000;
  private static final long REFUSED_MICROS = 2_000;
  private static final long TIMEOUT_MICROS = 30_000_000;

  private final Timeline timeline;
  private final Random random;
  private final Mutation mutation;
  private final boolean[] cut;
  private final Set<Long> connected = new HashSet<>();
  private final Map<String, Integer> ranks = new TreeMap<>();
  private boolean even;
  boolean slow;
  double unanswered;

  private boolean down;
  private long epoch;
  private String holder = "";
  private long incarnation;
  private boolean released = true;
  private long renewedAt;
  private long refusedWrites;

  SimulatedDatabase(Timeline timeline, Random random, int servers, Mutation mutation) {
    this.timeline = timeline;
    this.random = random;
    this.mutation = mutation;
    this.cut = new boolean[servers];
  }

  /** Every statement takes the same time: for stories. */
  void makeEven() {
    even = true;
  }

  /** Cuts a server off; whether the database notices that its connection is gone is chance. */
  void cut(int server, boolean off) {
    cut[server] = off;
  }

  /** Stops or starts it: one that was stopped has no connections. */
  void down(boolean stopped) {
    down = stopped;
    connected.clear();
  }

  boolean reached(int server) {
    return !down && !cut[server];
  }

  /** The database sees that a process has ended. */
  void disconnected(long run) {
    connected.remove(run);
  }

  /** Whether it still sees the connection on which this run of a server holds its lock. */
  boolean sees(long run) {
    return connected.contains(run);
  }

  /**
   * A statement of a server: applied or not, answered or not.
   *
   * @param failed what is known when no answer comes: the statement may have been applied
   */
  <T> void execute(
      int server, Supplier<T> statement, Consumer<T> answered, Consumer<String> failed) {
    if (!reached(server)) {
      boolean silently = !down && random.nextBoolean();
      timeline.after(
          silently ? TIMEOUT_MICROS : REFUSED_MICROS,
          () -> failed.accept("the database cannot be reached"));
      return;
    }
    timeline.after(
        delay(),
        () -> {
          if (!reached(server)) {
            timeline.after(REFUSED_MICROS, () -> failed.accept("the connection was lost"));
            return;
          }
          T result = statement.get();
          if (unanswered > 0 && random.nextDouble() < unanswered) {
            timeline.after(
                random.nextLong(TIMEOUT_MICROS), () -> failed.accept("no answer in time"));
          } else {
            timeline.after(delay(), () -> answered.accept(result));
          }
        });
  }

  private long delay() {
    if (even) {
      return QUICK_MICROS;
    }
    return random.nextLong(slow ? SLOW_MICROS : QUICK_MICROS);
  }

  /** As {@code MySqlEpochStore} claims: by the row alone, in one statement. */
  EpochStore.Claim claim(String server, long run, long above) {
    connected.add(run);
    boolean own = incarnation == run;
    boolean lapsed = timeline.nowMicros() - renewedAt > LEASE_MICROS;
    boolean granted = released || own || lapsed || !connected.contains(incarnation);
    if (!granted && mutation != Mutation.CLAIM_WITHOUT_COMPARISON) {
      return new EpochStore.Claim.Refused(
          epoch, holder, holder + " holds epoch " + epoch + " and renews it");
    }
    if (mutation == Mutation.EPOCH_RUNS_BACK) {
      epoch = epoch == 0 ? 5 : Math.max(1, epoch - 1);
    } else if (mutation != Mutation.CLAIM_WITHOUT_COMPARISON || epoch == 0) {
      epoch = own && !released && epoch > above ? epoch : Math.max(epoch, above) + 1;
    }
    holder = server;
    incarnation = run;
    released = false;
    renewedAt = timeline.nowMicros();
    return new EpochStore.Claim.Won(epoch);
  }

  boolean renew(long of, long run) {
    connected.add(run);
    if (!holds(of, run)) {
      return false;
    }
    renewedAt = timeline.nowMicros();
    return true;
  }

  boolean release(long of, long run) {
    if (!holds(of, run)) {
      return false;
    }
    released = true;
    return true;
  }

  /** A write to shared state that carries an epoch; whether it was accepted. */
  boolean write(long of, long run) {
    boolean accepted = holds(of, run) || mutation == Mutation.WRITES_ARE_NOT_FENCED;
    refusedWrites += accepted ? 0 : 1;
    return accepted;
  }

  private boolean holds(long of, long run) {
    return epoch == of && incarnation == run && !released;
  }

  /** The rank of a server, given now if it has none. */
  int rank(String server) {
    if (mutation == Mutation.RANKS_CHANGE_AT_A_RESTART && ranks.containsKey(server)) {
      ranks.put(server, ranks.size() + 10);
    }
    int next = mutation == Mutation.RANKS_ARE_REUSED ? 1 + ranks.size() / 2 : 1 + ranks.size();
    return ranks.computeIfAbsent(server, first -> next);
  }

  Map<String, Integer> ranks() {
    return Map.copyOf(ranks);
  }

  long epoch() {
    return epoch;
  }

  String holder() {
    return holder;
  }

  long refusedWrites() {
    return refusedWrites;
  }
}
