package dev.batuta.simulation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.batuta.simulation.control.Seeds;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Many schedules from fresh seeds, every seed that ever failed, and every rule broken on purpose.
 *
 * <p>One seed is replayed, with its story, by {@code -Dbatuta.seed=N}.
 */
class DispatchSimulationTest {
  private static final int SCHEDULES = Integer.getInteger("batuta.schedules", 500);
  private static final int TRIES_FOR_A_MUTATION = 200;
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.batuta");
  private static @Nullable Level before;

  /** What servers and workers log of simulated faults is in the story. */
  @BeforeAll
  static void silence() {
    before = LOG.getLevel();
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() {
    LOG.setLevel(before);
  }

  @Test
  void whateverFailsNoTaskIsLostAndNothingHappensTwice() {
    AtomicInteger tasks = new AtomicInteger();
    long began = System.nanoTime();
    int run =
        Seeds.fresh(
            SCHEDULES,
            seed -> tasks.addAndGet(run(seed, Mutation.NONE).model.rows.size()),
            DispatchSimulationTest::tell);
    System.out.printf(
        "%d schedules with %d tasks in %.1f s%n",
        run, tasks.get(), (System.nanoTime() - began) / 1e9);
  }

  static LongStream failedSeeds() {
    return Seeds.failed(DispatchSimulationTest.class);
  }

  @ParameterizedTest
  @MethodSource("failedSeeds")
  void aSeedThatOnceFailedNoLongerDoes(long seed) {
    Seeds.replay(seed, DispatchSimulationTest::tell);
  }

  @Test
  void aSeedReplaysExactly() {
    Seeds.replaysExactly(trace -> tell(42, trace));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenRuleIsFound(Mutation mutation) {
    Optional<String> found =
        Seeds.violation(
            TRIES_FOR_A_MUTATION,
            seed -> run(seed, mutation),
            Pattern.compile(mutation.sign()).asPredicate());
    assertThat(found).as("what %s breaks", mutation).isPresent();
  }

  private static World run(long seed, Mutation mutation) {
    return Schedule.run(seed, mutation, new World.Untraced());
  }

  private static void tell(long seed, List<String> trace) {
    Schedule.run(seed, Mutation.NONE, trace);
  }
}
