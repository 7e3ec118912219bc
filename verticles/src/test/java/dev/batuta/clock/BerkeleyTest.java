package dev.batuta.clock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.clock.Berkeley.Adjustment;
import dev.batuta.clock.Berkeley.Limits;
import dev.batuta.clock.Berkeley.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class BerkeleyTest {
  private static final Limits LIMITS = new Limits(Duration.ofSeconds(10), Duration.ofMillis(500));
  private static final long TOLERANCE = 10_000_000;

  @Test
  void oneMadClockMovesNobodyAndIsLedToTheOthers() {
    List<Adjustment> round =
        Berkeley.round(
            List.of(
                new Sample("a", 0, 0),
                new Sample("b", 2_000, 100),
                new Sample("mad", 3_600_000_000L, 100)),
            LIMITS);
    assertThat(round)
        .containsExactly(
            new Adjustment(new Sample("a", 0, 0), 1_000, true),
            new Adjustment(new Sample("b", 2_000, 100), -1_000, true),
            new Adjustment(new Sample("mad", 3_600_000_000L, 100), -3_599_999_000L, false));
  }

  @Test
  void halfOfTheRoundTripIsCorrected() {
    assertThat(Sample.of("b", 1_000, 1_400, 1_200).differenceMicros()).isZero();
  }

  @Test
  void aSlowReplyIsNotAveraged() {
    List<Adjustment> round =
        Berkeley.round(
            List.of(new Sample("a", 0, 0), new Sample("slow", 900_000, 600_000)), LIMITS);
    assertThat(round).extracting(Adjustment::counted).containsExactly(true, false);
    assertThat(round.getFirst().adjustmentMicros()).isZero();
  }

  @Property
  void allClocksMeetAndTheLargestAgreeingSetDecides(
      @ForAll @Size(min = 1, max = 7) List<@LongRange(min = -40_000_000, max = 40_000_000) Long> at,
      @ForAll long seed) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      samples.add(new Sample("s" + i, at.get(i), 100));
    }
    List<Adjustment> round = Berkeley.round(samples, LIMITS);

    assertThat(
            round.stream()
                .map(a -> a.sample().differenceMicros() + a.adjustmentMicros())
                .distinct())
        .hasSize(1);
    List<Long> counted =
        round.stream().filter(Adjustment::counted).map(a -> a.sample().differenceMicros()).toList();
    assertThat(Collections.max(counted) - Collections.min(counted)).isLessThanOrEqualTo(TOLERANCE);
    assertThat(counted).hasSize(largestByBruteForce(at));
    List<Sample> shuffled = new ArrayList<>(samples);
    Collections.shuffle(shuffled, new Random(seed));
    assertThat(Berkeley.round(shuffled, LIMITS)).containsExactlyInAnyOrderElementsOf(round);
  }

  /** Every clock as the lowest of a set. */
  private static int largestByBruteForce(List<Long> clocks) {
    return clocks.stream()
        .mapToInt(
            low -> (int) clocks.stream().filter(c -> c >= low && c - low <= TOLERANCE).count())
        .max()
        .orElseThrow();
  }
}
