package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Many schedules from fresh seeds, every seed that ever failed, and every rule broken on purpose.
 *
 * <p>One seed is replayed, with its story, by {@code -Dbatuta.seed=N}.
 */
class SimulationTest {
  private static final int SCHEDULES = Integer.getInteger("batuta.schedules", 1_000);
  private static final int TRIES_FOR_A_MUTATION = 300;

  @Test
  void whateverFailsAndReturnsTheClusterIsSafeAndSettles() {
    long began = System.nanoTime();
    int run = Seeds.fresh(SCHEDULES, seed -> run(seed, Mutation.NONE), SimulationTest::tell);
    System.out.printf(
        "%d schedules of 5 simulated minutes in %.1f s%n", run, (System.nanoTime() - began) / 1e9);
  }

  static LongStream failedSeeds() {
    return Seeds.failed(SimulationTest.class);
  }

  @ParameterizedTest
  @MethodSource("failedSeeds")
  void aSeedThatOnceFailedNoLongerDoes(long seed) {
    Seeds.replay(seed, SimulationTest::tell);
  }

  @Test
  void aSeedReplaysExactly() {
    Seeds.replaysExactly(trace -> tell(42, trace));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenRuleIsFound(Mutation mutation) {
    Optional<String> found =
        Seeds.violation(TRIES_FOR_A_MUTATION, seed -> run(seed, mutation), any -> true);
    assertThat(found).as("what %s breaks", mutation).isPresent();
    assertThat(found.orElseThrow()).containsPattern(mutation.sign());
  }

  private static void run(long seed, Mutation mutation) {
    Schedule.run(seed, mutation, new World.Untraced());
  }

  private static void tell(long seed, List<String> trace) {
    Schedule.run(seed, Mutation.NONE, trace);
  }
}
