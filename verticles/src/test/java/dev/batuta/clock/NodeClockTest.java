package dev.batuta.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NodeClockTest {
  private final AtomicLong machine = new AtomicLong(1_000_000_000);
  private final NodeClock clock =
      new NodeClock(machine::get, machine::get, Duration.ofSeconds(5), 0);

  @Test
  void aLargeCorrectionIsMadeAtOnceAndTimeStandsStillRatherThanRunningBack() {
    long before = clock.timeMicros();
    adjust(-5_000_000);
    assertThat(clock.read().timeMicros()).isEqualTo(machine.get());
    assertThat(clock.timeMicros()).isEqualTo(before);
    machine.addAndGet(6_000_000);
    assertThat(clock.timeMicros()).isEqualTo(machine.get());
  }

  @Test
  void aSmallCorrectionIsSlewed() {
    adjust(50_000);
    assertThat(clock.offsetMicros()).isZero();
    machine.addAndGet(400_000);
    assertThat(clock.offsetMicros()).isEqualTo(20_000);
    machine.addAndGet(10_000_000);
    assertThat(clock.offsetMicros()).isEqualTo(50_000);
  }

  @Test
  void anAdjustmentIsAppliedOnceAndNotAfterAnotherOne() {
    NodeClock.Snapshot read = clock.read();
    assertThat(clock.adjust(read.offsetMicros() + 300_000, read.adjustments())).isTrue();
    assertThat(clock.adjust(read.offsetMicros() + 300_000, read.adjustments())).isFalse();
    assertThat(clock.adjust(read.offsetMicros() - 400_000, read.adjustments())).isFalse();
    assertThat(clock.offsetMicros()).isEqualTo(300_000);
  }

  private void adjust(long byMicros) {
    NodeClock.Snapshot read = clock.read();
    assertThat(clock.adjust(read.offsetMicros() + byMicros, read.adjustments())).isTrue();
  }

  @Test
  void aDriftIsSimulated() {
    NodeClock drifting = new NodeClock(machine::get, machine::get, Duration.ZERO, 200);
    machine.addAndGet(1_000_000);
    assertThat(drifting.read().timeMicros() - machine.get()).isEqualTo(200);
  }

  @Property
  void timeNeverRunsBack(
      @ForAll @Size(max = 50)
          List<@LongRange(min = -2_000_000, max = 2_000_000) Long> corrections) {
    long last = clock.timeMicros();
    for (long correction : corrections) {
      adjust(correction);
      machine.addAndGet(Math.abs(correction) / 7);
      long next = clock.timeMicros();
      assertThat(next).isGreaterThanOrEqualTo(last);
      last = next;
    }
  }
}
