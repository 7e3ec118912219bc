package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PutOutTest {
  private static final long PATIENCE = PutOut.PATIENCE.toNanos();

  private final PutOut rule = new PutOut();

  @Test
  void oneThatNobodyTakesBackIsOver() {
    assertThat(rule.look(0, true, 1)).isFalse();
    assertThat(rule.look(PATIENCE - 1, false, 1)).isFalse();
    assertThat(rule.look(PATIENCE, false, 1)).isTrue();
  }

  @Test
  void oneThatIsBackIsNotOverWhenItIsAloneLater() {
    assertThat(rule.look(0, true, 1)).isFalse();
    assertThat(rule.look(1, true, 3)).isFalse();
    assertThat(rule.look(2 * PATIENCE, false, 1)).isFalse();
    assertThat(rule.look(9 * PATIENCE, false, 1)).isFalse();
  }

  @Test
  void oneThatBeganAloneWaits() {
    assertThat(rule.look(0, false, 1)).isFalse();
    assertThat(rule.look(9 * PATIENCE, false, 1)).isFalse();
  }
}
