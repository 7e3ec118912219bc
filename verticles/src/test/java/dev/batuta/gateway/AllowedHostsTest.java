package dev.batuta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
  @Test
  void thisMachineAlwaysComesInAndNobodyElseUnlessListed() {
    AllowedHosts none = new AllowedHosts(List.of());

    assertThat(allows(none, "127.0.0.1")).isTrue();
    assertThat(allows(none, "127.8.8.8")).isTrue();
    assertThat(allows(none, "::1")).isTrue();
    assertThat(allows(none, "10.0.0.1")).isFalse();
    assertThat(allows(none, "fd00::1")).isFalse();
  }

  @Test
  void listedAddressesAndNetworksComeIn() {
    AllowedHosts hosts = new AllowedHosts(List.of("10.1.2.3", "192.168.4.0/22", "fd00:1::/32"));

    assertThat(allows(hosts, "10.1.2.3")).isTrue();
    assertThat(allows(hosts, "10.1.2.4")).isFalse();
    assertThat(allows(hosts, "192.168.7.255")).isTrue();
    assertThat(allows(hosts, "192.168.8.0")).isFalse();
    assertThat(allows(hosts, "fd00:1:ffff::9")).isTrue();
    assertThat(allows(hosts, "fd00:2::9")).isFalse();
    assertThat(allows(hosts, "::ffff:10.1.2.3")).as("the same, mapped").isTrue();
  }

  @Test
  void everybodyHasToBeSaid() {
    AllowedHosts all = new AllowedHosts(List.of("0.0.0.0/0", "::/0"));

    assertThat(allows(all, "203.0.113.9")).isTrue();
    assertThat(allows(all, "2001:db8::1")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost",
        "batuta.example",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/x",
        "10.0.0",
        "1.2.3.4/",
        "/8",
        "fd00::/129",
        "300.1.1.1"
      })
  void whatIsNeitherIsNamed(String network) {
    assertThatThrownBy(() -> new AllowedHosts(List.of(network)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + network + "\" is no address or network");
  }

  private static boolean allows(AllowedHosts hosts, String address) {
    return hosts.allows(InetAddress.ofLiteral(address));
  }
}
