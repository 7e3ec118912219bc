package dev.batuta.dispatchsimulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
  private static final int SHOWN_LINES = 400;
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
    Long replay = Long.getLong("batuta.seed");
    if (replay != null) {
      replay(replay);
      return;
    }
    Queue<Long> broken = new ConcurrentLinkedQueue<>();
    AtomicInteger run = new AtomicInteger();
    AtomicInteger tasks = new AtomicInteger();
    long began = System.nanoTime();
    LongStream.of(new Random().longs(SCHEDULES).toArray())
        .parallel()
        .filter(seed -> broken.isEmpty())
        .forEach(
            seed -> {
              try {
                tasks.addAndGet(
                    Schedule.run(seed, Mutation.NONE, new World.Untraced()).model.rows.size());
              } catch (RuntimeException | AssertionError wrong) {
                broken.add(seed);
              }
              run.incrementAndGet();
            });
    System.out.printf(
        "%d schedules with %d tasks in %.1f s%n",
        run.get(), tasks.get(), (System.nanoTime() - began) / 1e9);
    broken.forEach(DispatchSimulationTest::replay);
  }

  static LongStream failedSeeds() {
    try (var in =
        Objects.requireNonNull(
            DispatchSimulationTest.class.getResourceAsStream("failed-seeds.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.replaceAll("#.*", "").strip())
          .filter(line -> !line.isEmpty())
          .mapToLong(Long::parseLong);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("failedSeeds")
  void aSeedThatOnceFailedNoLongerDoes(long seed) {
    replay(seed);
  }

  @Test
  void aSeedReplaysExactly() {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    Schedule.run(42, Mutation.NONE, first);
    Schedule.run(42, Mutation.NONE, second);
    assertThat(first).isNotEmpty().isEqualTo(second);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aBrokenRuleIsFound(Mutation mutation) {
    Optional<String> found =
        Stream.iterate(1L, seed -> seed + 1)
            .limit(TRIES_FOR_A_MUTATION)
            .flatMap(seed -> violation(seed, mutation).stream())
            .filter(Pattern.compile(mutation.sign()).asPredicate())
            .findFirst();
    assertThat(found).as("what %s breaks", mutation).isPresent();
  }

  private static Optional<String> violation(long seed, Mutation mutation) {
    try {
      Schedule.run(seed, mutation, new World.Untraced());
      return Optional.empty();
    } catch (Invariants.Violation violation) {
      return Optional.of(Objects.requireNonNull(violation.getMessage()));
    }
  }

  private static void replay(long seed) {
    List<String> trace = new ArrayList<>();
    try {
      Schedule.run(seed, Mutation.NONE, trace);
    } catch (RuntimeException | AssertionError wrong) {
      String story =
          String.join("\n", trace.subList(Math.max(0, trace.size() - SHOWN_LINES), trace.size()));
      fail(
          "seed %d: %s%nreplay it by -Dbatuta.seed=%d; add it to failed-seeds.txt%n%s"
              .formatted(seed, wrong, seed, story),
          wrong);
    }
  }
}
