package dev.batuta.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
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

  @Test
  void itHasMovedWhenItsAddressIsGoneAndAnotherIsThere() throws SocketException {
    List<String> here =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(each -> !each.isLoopbackAddress() && !each.isLinkLocalAddress())
            .map(InetAddress::getHostAddress)
            .toList();

    assertThat(new OwnHost("documentation", "192.0.2.1").hasMoved()).isEqualTo(!here.isEmpty());
    assertThat(here).noneMatch(address -> new OwnHost(address, address).hasMoved());
    assertThat(new OwnHost("localhost", "127.0.0.1").hasMoved()).isFalse();
  }
}
