package dev.batuta.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ByLabelTest {
  private final ByLabel<LongAdder> counts = new ByLabel<>(3, LongAdder::new);

  private void count(String... labels) {
    List.of(labels).forEach(label -> counts.of(label).increment());
  }

  private long of(String label) {
    return counts.all().getOrDefault(label, new LongAdder()).sum();
  }

  @Test
  void eachValueIsCountedApartUntilThereAreEnough() {
    count("A", "B", "A", "C", "D", "E", "B");

    assertThat(counts.all().keySet()).containsExactly("A", "B", "C", ByLabel.OTHER);
    assertThat(of("A")).isEqualTo(2);
    assertThat(of("B")).isEqualTo(2);
    assertThat(of(ByLabel.OTHER)).isEqualTo(2);
    assertThat(counts.label("B")).isEqualTo("B");
    assertThat(counts.label("E")).isEqualTo(ByLabel.OTHER);
  }

  @Test
  void namesThatComeFromManyThreadsStayWithinTheBoundAndNoneIsLost() {
    IntStream.range(0, 10_000).parallel().forEach(i -> count("K" + i % 100));

    assertThat(counts.all()).hasSize(4);
    assertThat(counts.all().values().stream().mapToLong(LongAdder::sum).sum()).isEqualTo(10_000);
  }
}
