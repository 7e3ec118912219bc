package dev.batuta.bus;

import dev.batuta.bus.Member.Liveness;
import dev.batuta.codec.ClusterMessage.Heartbeat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is there: a failure detector by heartbeats and by what the cluster manager reports. A pure
 * state machine: time is an input, and there is no I/O.
 *
 * <p>Silence is counted in the steps of this node's own ticks, each at most {@code maxStep} long:
 * time during which this node itself was stalled is no evidence against the others.
 *
 * <p>Not thread-safe; it belongs to {@link Membership}.
 */
final class Members {
  /** Bounds of the failure detector. */
  record Limits(
      Duration serverSuspicion, Duration workerSuspicion, Duration forget, Duration maxStep) {}

  /** A node became alive, suspected or gone. */
  record Change(Member member, @Nullable Liveness before) {}

  private static final class Entry {
    Heartbeat last;
    long clock;
    Duration silence = Duration.ZERO;
    Liveness liveness = Liveness.ALIVE;
    boolean left;

    Entry(Heartbeat last, long clock) {
      this.last = last;
      this.clock = clock;
    }

    Member member() {
      return new Member(last, clock, silence, liveness);
    }
  }

  private final Limits limits;
  private final Map<String, Entry> entries = new TreeMap<>();

  Members(Limits limits) {
    this.limits = limits;
  }

  /** A heartbeat arrived. One of a run of the process that is known to be over is ignored. */
  List<Change> heard(Heartbeat heartbeat, long clock) {
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
    entry.last = heartbeat;
    entry.clock = clock;
    entry.silence = Duration.ZERO;
    entry.liveness = Liveness.ALIVE;
    entry.left = false;
    return changed ? List.of(new Change(entry.member(), before)) : List.of();
  }

  /** The node said that it leaves. */
  List<Change> left(String name, long incarnation) {
    Entry entry = entries.get(name);
    if (entry == null || entry.last.incarnation() != incarnation) {
      return List.of();
    }
    entry.left = true;
    return gone(entry);
  }

  /** The cluster manager reports that a member's connections are closed. */
  List<Change> removed(String member) {
    List<Change> changes = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.last.member().equals(member)) {
        changes.addAll(gone(entry));
      }
    }
    return changes;
  }

  /** Time passed, as this node noticed it. */
  List<Change> tick(Duration elapsed) {
    Duration step = elapsed.compareTo(limits.maxStep()) > 0 ? limits.maxStep() : elapsed;
    List<Change> changes = new ArrayList<>();
    for (Entry entry : entries.values()) {
      entry.silence = entry.silence.plus(step);
      if (entry.liveness == Liveness.ALIVE && entry.silence.compareTo(suspicion(entry)) >= 0) {
        entry.liveness = Liveness.SUSPECTED;
        changes.add(new Change(entry.member(), Liveness.ALIVE));
      }
    }
    entries.values().removeIf(this::forgotten);
    return changes;
  }

  /** All nodes, by name. */
  List<Member> view() {
    return entries.values().stream()
        .map(Entry::member)
        .sorted(Comparator.comparing(Member::name))
        .toList();
  }

  private static List<Change> gone(Entry entry) {
    if (entry.liveness == Liveness.GONE) {
      return List.of();
    }
    Liveness before = entry.liveness;
    entry.liveness = Liveness.GONE;
    return List.of(new Change(entry.member(), before));
  }

  private Duration suspicion(Entry entry) {
    return entry.last.roles().contains("server")
        ? limits.serverSuspicion()
        : limits.workerSuspicion();
  }

  private boolean forgotten(Entry entry) {
    return entry.liveness != Liveness.ALIVE && entry.silence.compareTo(limits.forget()) >= 0;
  }
}
