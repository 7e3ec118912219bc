package dev.batuta.gateway.foreign;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LostTasksTest {
  private final LostTasks lost = new LostTasks();

  private void loseAllThatIsFree(long task) {
    for (int i = 0; i < LostTasks.FREE; i++) {
      assertThat(lost.costsAttempt(task, "w-" + i, 0)).isFalse();
    }
  }

  @Test
  void manyMayLoseATaskBeforeEachFurtherLossCostsItAnAttempt() {
    loseAllThatIsFree(7);
    assertThat(lost.costsAttempt(7, "next", 0)).isTrue();
    assertThat(lost.costsAttempt(7, "after", 0)).isTrue();
    assertThat(lost.costsAttempt(8, "next", 0)).as("another task").isFalse();
  }

  @Test
  void oneThatLosesATaskOverAndOverCountsOnceAMinute() {
    loseAllThatIsFree(7);
    assertThat(lost.costsAttempt(7, "broken", 0)).isTrue();
    assertThat(lost.costsAttempt(7, "broken", LostTasks.AGAIN_MILLIS - 1)).isFalse();
    assertThat(lost.costsAttempt(7, "broken", LostTasks.AGAIN_MILLIS)).isTrue();
  }

  @Test
  void whatIsDoneIsForgotten() {
    loseAllThatIsFree(7);
    lost.forget(7);
    assertThat(lost.costsAttempt(7, "next", 0)).isFalse();
  }
}
