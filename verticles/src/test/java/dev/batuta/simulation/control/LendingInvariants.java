package dev.batuta.simulation.control;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.batuta.worker.Allegiance.Registration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold at each step of lending, and what must hold once faults have ended. */
final class LendingInvariants {
  /**
   * Times that a worker is moved by orders within a minute, whatever the loads do: between two such
   * moves it rests for ten seconds.
   */
  static final int MAX_MOVES = 7;

  private static final long MINUTE = 60 * LendingWorld.SECOND;

  private final LendingWorld world;
  private final Map<String, Deque<Long>> moves = new HashMap<>();
  private int moved;
  private int mostMoves;

  LendingInvariants(LendingWorld world) {
    this.world = world;
  }

  // ---- at each step --------------------------------------------------------------------------

  /** A master takes nothing under a number that a newer one has replaced. */
  void accepted(LendingMaster master, String worker, long registration, long newest) {
    require(
        registration >= newest,
        "%s accepted %s under %d though it knew %d",
        master.name(),
        worker,
        registration,
        newest);
    long latest = world.worker(worker).latest();
    List<String> farms =
        world.masters.stream()
            .filter(each -> each.holds(worker, latest))
            .map(LendingNode::name)
            .toList();
    require(farms.size() <= 1, "%s are both its farm: %s under %d", farms, worker, latest);
  }

  /** A worker serves one master at a time, under its latest number. */
  void serves(LentWorker worker) {
    Registration now = worker.serving();
    require(now != null, "%s serves nobody", worker.name());
  }

  void obeys(LentWorker worker, long registration, long present) {
    require(
        registration == present,
        "%s obeyed an order under %d and serves under %d",
        worker.name(),
        registration,
        present);
  }

  void takes(LentWorker worker, LendingMaster from, long registration) {
    require(
        registration == worker.latest(),
        "%s took tasks of %s under %d, and its latest number is %d",
        worker.name(),
        from.name(),
        registration,
        worker.latest());
  }

  /** A lender keeps enough for itself. */
  void lends(LendingMaster lender) {
    int kept = LendingWorld.THRESHOLDS.minWorkers();
    require(
        lender.own() >= kept, "%s lends, and has %d of its own left", lender.name(), lender.own());
  }

  /** Nobody is sent to and fro. */
  void moves(LentWorker worker) {
    long now = world.timeline.nowMicros();
    Deque<Long> recent = moves.computeIfAbsent(worker.name(), first -> new ArrayDeque<>());
    recent.addLast(now);
    while (recent.getFirst() < now - MINUTE) {
      recent.removeFirst();
    }
    moved++;
    mostMoves = Math.max(mostMoves, recent.size());
    require(
        recent.size() <= MAX_MOVES,
        "%s was moved %d times within a minute",
        worker.name(),
        recent.size());
  }

  /** Moves by orders so far. */
  int moved() {
    return moved;
  }

  /** The most of one worker within a minute. */
  int mostMoves() {
    return mostMoves;
  }

  // ---- once faults have ended ----------------------------------------------------------------

  /** Every worker is in one farm, which it serves; empty when it is so, else what is not. */
  String lost() {
    for (LentWorker worker : world.workers) {
      Registration now = worker.serving();
      if (now == null || !world.master(now.master()).holds(worker.name(), worker.latest())) {
        return worker.name() + " is in no farm: it serves " + now;
      }
    }
    return "";
  }

  /** Every worker is at home; empty when it is so, else what is not. */
  String away() {
    for (LentWorker worker : world.workers) {
      Registration now = worker.serving();
      if (now == null || !now.master().equals(worker.home())) {
        return worker.name() + " is not at home in " + worker.home() + ": it serves " + now;
      }
    }
    return "";
  }

  void nobodyIsLost() {
    require(lost().isEmpty(), "%s", lost());
  }

  void allAreAtHome() {
    require(away().isEmpty(), "%s", away());
  }

  @FormatMethod
  private static void require(boolean holds, @FormatString String broken, Object... values) {
    if (!holds) {
      throw new Invariants.Violation(broken.formatted(values));
    }
  }
}
