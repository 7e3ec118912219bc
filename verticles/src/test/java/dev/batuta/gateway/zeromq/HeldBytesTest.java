package dev.batuta.gateway.zeromq;

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
    assertThat(held.take(HeldBytes.SMALL)).as("a small frame").isNotNull();
    first.run();
    first.run();
    assertThat(held.take(LARGE)).isNotNull();
    assertThat(held.take(LARGE)).as("room is given back once").isNull();
  }

  @Test
  void aFrameThatTheLibraryForgetsGivesItsRoomBack() {
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
                again.run();
              }
              return again != null;
            });
  }
}
