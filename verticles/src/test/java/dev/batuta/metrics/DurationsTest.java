package dev.batuta.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class DurationsTest {
  private final Durations durations = new Durations();

  private long in(double boundSeconds) {
    return durations.figures().counts().get(Durations.boundsSeconds().indexOf(boundSeconds));
  }

  @Test
  void aDurationFallsIntoTheBucketThatItsBoundEnds() {
    durations.addMillis(1);
    durations.addNanos(1_000_001);
    durations.addMillis(1_000);

    assertThat(in(0.001)).isEqualTo(1);
    assertThat(in(0.0025)).isEqualTo(1);
    assertThat(in(1.0)).isEqualTo(1);
    assertThat(durations.figures().count()).isEqualTo(3);
    assertThat(durations.figures().sumSeconds()).isCloseTo(1.002, within(1e-6));
  }

  @Test
  void whatIsLongerThanAllBoundsIsCountedToo() {
    durations.addMillis(3_600_000);

    List<Long> counts = durations.figures().counts();
    assertThat(counts).hasSize(Durations.boundsSeconds().size() + 1);
    assertThat(counts.getLast()).isEqualTo(1);
  }

  @Test
  void lessThanNoneIsNone() {
    durations.addMillis(-5);

    assertThat(in(0.0005)).isEqualTo(1);
    assertThat(durations.figures().sumSeconds()).isZero();
  }
}
