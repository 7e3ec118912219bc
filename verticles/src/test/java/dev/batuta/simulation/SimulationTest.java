package dev.batuta.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

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
import java.util.stream.LongStream;
import java.util.stream.Stream;
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
  private static final int SHOWN_LINES = 400;
  private static final int TRIES_FOR_A_MUTATION = 300;

  @Test
  void whateverFailsAndReturnsTheClusterIsSafeAndSettles() {
    Long replay = Long.getLong("batuta.seed");
    if (replay != null) {
      replay(replay);
      return;
    }
    long[] seeds = new Random().longs(SCHEDULES).toArray();
    Queue<Long> broken = new ConcurrentLinkedQueue<>();
    AtomicInteger run = new AtomicInteger();
    long began = System.nanoTime();
    LongStream.of(seeds)
        .parallel()
        .filter(seed -> broken.isEmpty())
        .forEach(
            seed -> {
              if (violation(seed, Mutation.NONE).isPresent()) {
                broken.add(seed);
              }
              run.incrementAndGet();
            });
    System.out.printf(
        "%d schedules of 5 simulated minutes in %.1f s%n",
        run.get(), (System.nanoTime() - began) / 1e9);
    broken.forEach(SimulationTest::replay);
  }

  static LongStream failedSeeds() {
    try (var in =
        Objects.requireNonNull(SimulationTest.class.getResourceAsStream("failed-seeds.txt"))) {
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
    violation(seed, Mutation.NONE).ifPresent(why -> replay(seed));
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
            .findFirst();
    assertThat(found).as("what %s breaks", mutation).isPresent();
    assertThat(found.orElseThrow()).containsPattern(mutation.sign());
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
      trace.forEach(System.out::println);
    } catch (Invariants.Violation violation) {
      String story =
          String.join("\n", trace.subList(Math.max(0, trace.size() - SHOWN_LINES), trace.size()));
      fail(
          "seed %d: %s%nreplay it by -Dbatuta.seed=%d; add it to failed-seeds.txt%n%s"
              .formatted(seed, violation.getMessage(), seed, story));
    }
  }
}
