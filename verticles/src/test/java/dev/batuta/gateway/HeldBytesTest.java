package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What clients announce and never send must not fill the heap. */
class HeldBytesTest {
  private static final int LARGE = 40_000;

  private final HeldBytes held = new HeldBytes(2 * LARGE);

  @Test
  void whatIsMoreThanAllMayHoldIsNotKeptUntilRoomIsGivenBack() {
    HeldBytes.Share first = Objects.requireNonNull(held.take(LARGE));
    assertThat(held.take(LARGE)).isNotNull();
    assertThat(held.take(LARGE)).isNull();
    assertThat(held.take(HeldBytes.SMALL)).as("a small message").isNotNull();
    first.giveBack();
    first.giveBack();
    assertThat(held.take(LARGE)).isNotNull();
    assertThat(held.take(LARGE)).as("room is given back once").isNull();
  }

  @Test
  void aMessageThatIsForgottenGivesItsRoomBack() {
    for (int i = 0; i < 2; i++) {
      Objects.requireNonNull(held.take(LARGE)).livesWith(new Object());
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              HeldBytes.@Nullable Share again = held.take(LARGE);
              if (again != null) {
                again.giveBack();
              }
              return again != null;
            });
  }

  @Test
  void roomGrowsAndShrinksWithAMessageAndARefusedGrowthChangesNothing() {
    HeldBytes.Share growing = held.share();
    for (int size : new int[] {10, HeldBytes.SMALL, 2_000, 2 * LARGE, 3_000}) {
      assertThat(growing.hold(size)).isTrue();
      assertThat(held.held()).isEqualTo(size <= HeldBytes.SMALL ? 0 : size);
    }
    assertThat(growing.hold(2 * LARGE + 1)).isFalse();
    assertThat(held.held()).isEqualTo(3_000);
    growing.giveBack();
    assertThat(held.held()).isZero();
    assertThat(growing.hold(2 * LARGE)).as("the next message").isTrue();
  }
}
