package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageBudgetTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void soManyAreTakenInEachSecond() {
    MessageBudget budget = new MessageBudget(2);
    assertThat(budget.take(5)).isTrue();
    assertThat(budget.take(SECOND / 2)).isTrue();
    assertThat(budget.take(SECOND - 1)).isFalse();
    assertThat(budget.leftMillis(SECOND / 2)).isBetween(500L, 502L);
    assertThat(budget.take(SECOND + 5)).isTrue();
    assertThat(budget.take(SECOND + 5)).isTrue();
    assertThat(budget.take(SECOND + 5)).isFalse();
  }
}
