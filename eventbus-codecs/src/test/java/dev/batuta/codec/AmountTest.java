package dev.batuta.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AmountTest {
  @ParameterizedTest
  @ValueSource(strings = {"1", "0.01", "120.5", "120.50", "007", "99999999999999999.99"})
  void everyOperationTakesAnAmountAboveZero(String text) {
    assertThat(Operation.values()).allMatch(operation -> Amount.isFor(operation, text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "0.0", "00.00"})
  void onlyASetTakesZero(String text) {
    assertThat(Amount.isAmount(text)).isTrue();
    assertThat(Operation.values())
        .filteredOn(operation -> Amount.isFor(operation, text))
        .containsExactly(Operation.SET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1.",
        ".5",
        "1.005",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1,5",
        "1.2.3",
        "1.-5",
        "1e2",
        "\u0661",
        "100000000000000000",
        "NaN"
      })
  void whatIsNoAmountNoOperationTakes(String text) {
    assertThat(Amount.isAmount(text)).isFalse();
    assertThat(Operation.values()).noneMatch(operation -> Amount.isFor(operation, text));
  }
}
