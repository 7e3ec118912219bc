package dev.batuta.gateway;

import dev.batuta.codec.Refused;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Addresses from which a door lets clients in: loopback always, and the listed networks. Safe on
 * any thread.
 */
public final class AllowedHosts {
  private static final String FOUR_BYTES = "[0-9]{1,3}([.][0-9]{1,3}){3}";
  private static final String SIXTEEN_BYTES = "[0-9a-fA-F.]*:[0-9a-fA-F:.]*";

  private final List<IpSubnetFilterRule> networks;

  /**
   * @param networks addresses or networks such as {@code 10.0.0.0/8} and {@code fd00::/8}; no
   *     names, which are others' to change
   * @throws IllegalArgumentException that names the one that is neither
   */
  public AllowedHosts(List<String> networks) {
    this.networks = networks.stream().map(AllowedHosts::rule).toList();
  }

  /** Whether a client from this address may come in. */
  public boolean allows(InetAddress address) {
    return address.isLoopbackAddress()
        || networks.stream().anyMatch(rule -> rule.matches(new InetSocketAddress(address, 0)));
  }

  /** What a client is told that may not come in. */
  public Refused refusal(InetAddress address) {
    return Refused.forbidden(
        "This door takes nobody from "
            + address.getHostAddress()
            + "; its configuration lists who may come in.");
  }

  private static IpSubnetFilterRule rule(String network) {
    int slash = network.indexOf('/');
    String address = slash < 0 ? network : network.substring(0, slash);
    try {
      int bits =
          slash < 0
              ? (address.indexOf(':') < 0 ? 32 : 128)
              : Integer.parseInt(network.substring(slash + 1));
      if (!address.matches(FOUR_BYTES) && !address.matches(SIXTEEN_BYTES)) {
        throw new IllegalArgumentException("a name, or an abbreviation");
      }
      return new IpSubnetFilterRule(address, bits, IpFilterRuleType.ACCEPT);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "\"" + network + "\" is no address or network, such as 10.1.2.3, 10.0.0.0/8 or fd00::/8");
    }
  }
}
