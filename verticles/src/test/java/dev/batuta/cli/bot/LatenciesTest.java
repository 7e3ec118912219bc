package dev.batuta.cli.bot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  @Property
  void aPercentileIsThatOfTheSamplesAndAtMostFivePercentMore(
      @ForAll @NotEmpty List<@LongRange(min = 10_000, max = 3_600_000_000_000L) Long> samples,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    Latencies latencies = new Latencies();
    samples.forEach(latencies::add);
    long exact =
        samples.stream().sorted().toList().get(Math.ceilDiv(samples.size() * percent, 100) - 1);
    assertThat(latencies.copy().millis(percent))
        .isBetween(exact / 1.000_001e6, exact * 1.050_001 / 1e6);
  }

  @Test
  void whatIsOutOfRangeCountsAtItsEnd() {
    Latencies latencies = new Latencies();
    latencies.add(-5);
    latencies.add(0);
    latencies.add(Long.MAX_VALUE);
    assertThat(latencies.count()).isEqualTo(3);
    assertThat(latencies.millis(50)).isEqualTo(0.01);
    assertThat(latencies.millis(100)).isGreaterThanOrEqualTo(3_600_000);
  }

  @Test
  void withoutSamplesItIsNothing() {
    assertThat(new Latencies().millis(99)).isZero();
  }
}
