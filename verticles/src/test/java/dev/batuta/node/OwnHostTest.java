package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class OwnHostTest {
  @Test
  void anAddressIsTakenAsItIs() {
    assertThat(OwnHost.of("127.0.0.1")).isEqualTo(new OwnHost("127.0.0.1", "127.0.0.1"));
  }

  @Test
  void aNameIsShownAndItsAddressListensForOthers() {
    assertThat(OwnHost.of("localhost")).isEqualTo(new OwnHost("localhost", "127.0.0.1"));
  }

  @Test
  void withoutOneItIsTheAddressOfTheMachinesName() throws UnknownHostException {
    String own = InetAddress.getLocalHost().getHostAddress();
    assertThat(OwnHost.of("")).isEqualTo(new OwnHost(own, own));
  }

  @Test
  void whatNobodyReachesIsRefusedWithItsKey() {
    assertThatThrownBy(() -> OwnHost.of("nobody.invalid"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("cluster.host is \"nobody.invalid\"");
    assertThatThrownBy(() -> OwnHost.of("0.0.0.0"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("cluster.host is \"0.0.0.0\"");
  }
}
