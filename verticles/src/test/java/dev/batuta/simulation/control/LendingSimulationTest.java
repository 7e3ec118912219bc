package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many schedules of lending from fresh seeds, every rule broken on purpose, and how seldom workers
 * move.
 *
 * <p>One seed is replayed, with its story, by {@code -Dbatuta.seed=N}.
 */
class LendingSimulationTest {
  private static final int SCHEDULES = Integer.getInteger("batuta.schedules", 500);
  private static final int TRIES_FOR_A_MUTATION = 1000;
  private static final long SECOND = LendingWorld.SECOND;

  @Test
  void whateverFailsAndReturnsNoWorkerIsLostAndAllComeHome() {
    AtomicInteger moved = new AtomicInteger();
    AtomicInteger mostMoves = new AtomicInteger();
    AtomicLong latestHome = new AtomicLong();
    int run =
        Seeds.fresh(
            SCHEDULES,
            seed -> {
              LendingWorld world = run(seed, LendingMutation.NONE);
              moved.addAndGet(world.invariants.moved());
              mostMoves.accumulateAndGet(world.invariants.mostMoves(), Math::max);
              latestHome.accumulateAndGet(world.homeAfterMicros, Math::max);
            },
            LendingSimulationTest::tell);
    System.out.printf(
        "%d schedules of lending: %d moves, at most %d of one worker within a minute; all at home"
            + " %.1f s after the last fault%n",
        run, moved.get(), mostMoves.get(), latestHome.get() / 1e6);
  }

  @Test
  void aSeedReplaysExactly() {
    Seeds.replaysExactly(trace -> tell(42, trace));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenRuleIsFound(LendingMutation mutation) {
    Optional<String> found =
        Seeds.violation(TRIES_FOR_A_MUTATION, seed -> run(seed, mutation), any -> true);
    assertThat(found).as("what %s breaks", mutation).isPresent();
    assertThat(found.orElseThrow()).contains(mutation.sign());
  }

  @Test
  void mastersUnderEqualOverloadPassNoWorkerToAndFro() {
    LendingWorld world = calm(7, 2, 2, 2);
    world.masters.forEach(master -> master.arrivals = 500);
    world.runUntilMicros(300 * SECOND);
    assertThat(world.invariants.moved()).isZero();
  }

  @Test
  void anOverloadedMasterGetsAllThatOthersCanSpareOnce() {
    LendingWorld world = calm(7, 1, 3, 3);
    world.master("s1").arrivals = 500;
    world.runUntilMicros(300 * SECOND);
    assertThat(world.invariants.moved()).isEqualTo(4);
    assertThat(world.workers)
        .filteredOn(worker -> Objects.requireNonNull(worker.serving()).master().equals("s1"))
        .hasSize(5);
  }

  /** Half a period of load, half a period of rest; over five minutes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 6, 10, 20, 40})
  void loadThatSwingsMovesAWorkerAtMostSevenTimesAMinute(int periodSeconds) {
    LendingWorld world = calm(7, 1, 3, 3);
    for (long t = 10; t < 300; t += periodSeconds) {
      boolean high = (t / periodSeconds) % 2 == 0;
      world.at(
          t * SECOND,
          () -> {
            world.master("s1").arrivals = high ? 400 : 0;
            world.master("s2").arrivals = high ? 0 : 400;
          });
    }
    world.runUntilMicros(300 * SECOND);
    assertThat(world.invariants.mostMoves()).isLessThanOrEqualTo(LendingInvariants.MAX_MOVES);
  }

  @Test
  void aMasterWithoutWorkersGetsOneForASingleTask() {
    LendingWorld world = calm(7, 0, 2);
    world.master("s1").arrivals = 0.5;
    world.runUntilMicros(30 * SECOND);
    assertThat(world.workers)
        .filteredOn(worker -> Objects.requireNonNull(worker.serving()).master().equals("s1"))
        .hasSize(1);
  }

  /** All run and know each other; nothing fails. */
  private static LendingWorld calm(long seed, int... farms) {
    LendingWorld world = new LendingWorld(seed, farms, LendingMutation.NONE, new World.Untraced());
    world.nodes().forEach(LendingNode::start);
    world.runUntilMicros(5 * SECOND);
    return world;
  }

  private static LendingWorld run(long seed, LendingMutation mutation) {
    return LendingSchedule.run(seed, mutation, new World.Untraced());
  }

  private static void tell(long seed, List<String> trace) {
    LendingSchedule.run(seed, LendingMutation.NONE, trace);
  }
}
