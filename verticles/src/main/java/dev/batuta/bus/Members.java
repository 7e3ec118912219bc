package dev.batuta.bus;

import dev.batuta.bus.Member.Liveness;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is there: a failure detector by heartbeats and by what the cluster manager reports. A pure
 * state machine: time is an input, and there is no I/O.
 *
 * <p>A node that was itself stalled distrusts its own suspicions. Silence is counted in the steps
 * of its own ticks, each at most {@code maxStep} long: time in which it did not run is no evidence
 * against the others. And while its ticks come late, because the machine is busy, the others' may
 * too: its patience grows by a multiple of that lateness, which it forgets again within seconds (an
 * adaptive bound, as in Chen, Toueg and Aguilera 2002, "On the Quality of Service of Failure
 * Detectors", section 5).
 *
 * <p>Not thread-safe; it belongs to {@link Membership}.
 */
public final class Members {
  /**
   * Bounds of the failure detector.
   *
   * @param interval between two ticks, and two heartbeats
   * @param serverSuspicion silence of a server, while this node's own ticks come in time
   * @param workerSuspicion the same of a node that is only a worker
   * @param forget silence after which a node is no longer shown
   */
  public record Limits(
      Duration interval, Duration serverSuspicion, Duration workerSuspicion, Duration forget) {
    Duration maxStep() {
      return interval.multipliedBy(2);
    }
  }

  /** A node became alive, suspected or gone. */
  public record Change(Member member, @Nullable Liveness before) {}

  /** Patience per lateness: two processes of one machine are late by different amounts. */
  private static final int PATIENCE = 4;

  /** However late this node was, it remembers no more than this. */
  private static final Duration MAX_LATENESS = Duration.ofSeconds(1);

  /** Of each tick's lateness so much is remembered at the next one. */
  private static final double MEMORY = 0.9;

  private static final class Entry {
    Heartbeat last;
    long clock;
    Duration silence = Duration.ZERO;
    Duration inSight = Duration.ZERO;
    Liveness liveness = Liveness.ALIVE;
    boolean left;

    Entry(Heartbeat last, long clock) {
      this.last = last;
      this.clock = clock;
    }

    Member member() {
      return new Member(last, clock, silence, liveness, inSight);
    }
  }

  private final Limits limits;
  private final Map<String, Entry> entries = new TreeMap<>();

  private Duration lateness = Duration.ZERO;

  public Members(Limits limits) {
    this.limits = limits;
  }

  /** A heartbeat arrived. One of a run of the process that has said goodbye is ignored. */
  public List<Change> heard(Heartbeat heartbeat, long clock) {
    Entry entry = entries.get(heartbeat.node());
    if (entry == null) {
      entry = new Entry(heartbeat, clock);
      entries.put(heartbeat.node(), entry);
      return List.of(new Change(entry.member(), null));
    }
    boolean sameRun = entry.last.incarnation() == heartbeat.incarnation();
    if (sameRun && entry.left) {
      return List.of();
    }
    Liveness before = entry.liveness;
    boolean changed =
        before != Liveness.ALIVE || !sameRun || entry.last.state() != heartbeat.state();
    entry.inSight = before == Liveness.ALIVE && sameRun ? entry.inSight : Duration.ZERO;
    entry.last = heartbeat;
    entry.clock = clock;
    entry.silence = Duration.ZERO;
    entry.liveness = Liveness.ALIVE;
    entry.left = false;
    return changed ? List.of(new Change(entry.member(), before)) : List.of();
  }

  /** The node said that it leaves. */
  public List<Change> left(String name, long incarnation) {
    Entry entry = entries.get(name);
    if (entry == null || entry.last.incarnation() != incarnation) {
      return List.of();
    }
    entry.left = true;
    return gone(entry);
  }

  /** The cluster manager reports that a member's connections are closed. */
  public List<Change> removed(String member) {
    List<Change> changes = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.last.member().equals(member)) {
        changes.addAll(gone(entry));
      }
    }
    return changes;
  }

  /** Time passed, as this node noticed it. */
  public List<Change> tick(Duration elapsed) {
    Duration step = elapsed.compareTo(limits.maxStep()) > 0 ? limits.maxStep() : elapsed;
    noteLateness(elapsed.minus(limits.interval()));
    boolean stalled = elapsed.compareTo(limits.serverSuspicion()) >= 0;
    List<Change> changes = new ArrayList<>();
    for (Entry entry : entries.values()) {
      entry.silence = entry.silence.plus(step);
      entry.inSight = stalled ? Duration.ZERO : entry.inSight.plus(step);
      if (entry.liveness == Liveness.ALIVE && entry.silence.compareTo(suspicion(entry)) >= 0) {
        entry.liveness = Liveness.SUSPECTED;
        changes.add(new Change(entry.member(), Liveness.ALIVE));
      }
    }
    entries.values().removeIf(this::forgotten);
    return changes;
  }

  /** All nodes, by name. */
  public List<Member> view() {
    List<Member> view = new ArrayList<>(entries.size());
    entries.values().forEach(entry -> view.add(entry.member()));
    return view;
  }

  private static List<Change> gone(Entry entry) {
    if (entry.liveness == Liveness.GONE) {
      return List.of();
    }
    Liveness before = entry.liveness;
    entry.liveness = Liveness.GONE;
    return List.of(new Change(entry.member(), before));
  }

  private void noteLateness(Duration late) {
    Duration counted = late.compareTo(MAX_LATENESS) > 0 ? MAX_LATENESS : late;
    Duration remembered = Duration.ofNanos((long) (lateness.toNanos() * MEMORY));
    lateness = counted.compareTo(remembered) > 0 ? counted : remembered;
  }

  private Duration suspicion(Entry entry) {
    Duration usual =
        entry.last.roles().contains("server") ? limits.serverSuspicion() : limits.workerSuspicion();
    return usual.plus(lateness.multipliedBy(PATIENCE));
  }

  private boolean forgotten(Entry entry) {
    return entry.liveness != Liveness.ALIVE && entry.silence.compareTo(limits.forget()) >= 0;
  }
}
