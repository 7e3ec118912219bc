package dev.batuta.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutsideClockTest {
  private final LamportClock clock = new LamportClock();
  private final AtomicLong nanos = new AtomicLong();
  private final OutsideClock outside = new OutsideClock(clock, nanos::get);

  @Test
  void aClockThatIsNotFarAheadIsTakenIn() {
    assertThat(outside.received(1_000_000)).isTrue();
    assertThat(clock.value()).isEqualTo(1_000_001);
    assertThat(outside.received(0)).isTrue();
    assertThat(clock.value()).isEqualTo(1_000_002);
    assertThat(outside.ignored()).isZero();
  }

  @Test
  void oneThatIsFarAheadOrNoClockIsIgnoredAndCounted() {
    for (long said : List.of(-1L, 1_000_010L, 1L << 53, Long.MAX_VALUE, Long.MIN_VALUE)) {
      long before = clock.value();
      assertThat(outside.received(said)).isFalse();
      assertThat(clock.value()).isEqualTo(before + 1);
    }
    assertThat(outside.ignored()).isEqualTo(5);
  }

  @Test
  void allTogetherMayAdvanceItByAMillionASecond() {
    assertThat(outside.received(600_000)).isTrue();
    assertThat(outside.received(1_200_000)).isFalse();
    assertThat(outside.received(900_000)).isTrue();
    nanos.addAndGet(1_100_000_000L);
    assertThat(outside.received(1_800_000)).isTrue();
  }

  @Property
  void inNoSecondTheyAdvanceItByMore(
      @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 1_000_000) Integer> leads,
      @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 700) Integer> pauses) {
    LamportClock mine = new LamportClock();
    AtomicLong now = new AtomicLong();
    OutsideClock limited = new OutsideClock(mine, now::get);
    List<long[]> advances = new ArrayList<>();
    for (int i = 0; i < Math.min(leads.size(), pauses.size()); i++) {
      now.addAndGet(pauses.get(i) * 1_000_000L);
      if (limited.received(mine.value() + leads.get(i))) {
        advances.add(new long[] {now.get(), leads.get(i)});
      }
    }
    for (long[] first : advances) {
      long inItsSecond =
          advances.stream()
              .filter(each -> each[0] >= first[0] && each[0] <= first[0] + 1_000_000_000L)
              .mapToLong(each -> each[1])
              .sum();
      assertThat(inItsSecond).isLessThanOrEqualTo(1_000_000);
    }
  }
}
