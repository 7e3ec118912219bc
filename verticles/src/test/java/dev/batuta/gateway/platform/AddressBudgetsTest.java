package dev.batuta.gateway.platform;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batuta.codec.Refused;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressBudgetsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final InetAddress ONE = InetAddress.ofLiteral("10.0.0.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("10.0.0.2");

  private final AddressBudgets budgets = new AddressBudgets(3);

  private void spend(InetAddress sender, long nowNanos) {
    for (int i = 0; i < 3; i++) {
      budgets.take(sender, nowNanos);
    }
  }

  @Test
  void eachAddressHasItsOwnMessagesInEachSecond() {
    spend(ONE, 5);
    assertThatThrownBy(() -> budgets.take(ONE, SECOND))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("3 messages")
        .hasMessageContaining("10.0.0.1");
    spend(OTHER, SECOND);
    spend(ONE, 5 + SECOND);
    assertThatThrownBy(() -> budgets.take(ONE, 6 + SECOND)).isInstanceOf(Refused.class);
  }

  @Test
  void ofVeryManyAddressesThoseThatWereHeardLastAreCounted() {
    spend(ONE, 0);
    spend(OTHER, 0);
    for (int i = 2; i < AddressBudgets.MAX_ADDRESSES; i++) {
      budgets.take(InetAddress.ofLiteral("11.0." + i / 256 + "." + i % 256), 0);
    }
    assertThatThrownBy(() -> budgets.take(ONE, 0)).isInstanceOf(Refused.class);
    budgets.take(InetAddress.ofLiteral("12.0.0.1"), 0);
    assertThatThrownBy(() -> budgets.take(ONE, 0)).isInstanceOf(Refused.class);
    assertThatCode(() -> budgets.take(OTHER, 0)).as("forgotten").doesNotThrowAnyException();
  }
}
