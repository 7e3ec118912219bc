package dev.batuta.node;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/**
 * This machine as other nodes know it.
 *
 * @param name as the configuration has it, or the address where it has none: what clients are shown
 * @param address in figures, at which this node listens for other nodes: a container keeps it for
 *     as long as it runs, and may come back with another one
 */
record OwnHost(String name, String address) {

  /**
   * Looks up the host of a configuration. Blocks while a name is looked up.
   *
   * @param configured {@code cluster.host}; empty takes the address of this machine's own name,
   *     which in a container is the one by which its network reaches it
   * @throws SettingsException that names the key
   */
  static OwnHost of(String configured) {
    try {
      InetAddress found =
          configured.isEmpty() ? InetAddress.getLocalHost() : InetAddress.getByName(configured);
      if (found.isAnyLocalAddress()) {
        throw wrong(configured, "nobody reaches a node by it");
      }
      String address = found.getHostAddress();
      return new OwnHost(configured.isEmpty() ? address : configured, address);
    } catch (UnknownHostException e) {
      throw wrong(configured, "no address is known for it (" + e.getMessage() + ")");
    }
  }

  /**
   * Whether this machine has other addresses now: a container that was taken out of its network may
   * come back into it with another one, and nobody reaches the node that listens at the old one.
   * While it has none at all it has not moved.
   */
  boolean hasMoved() {
    try {
      InetAddress own = InetAddress.getByName(address);
      return !own.isLoopbackAddress()
          && NetworkInterface.getByInetAddress(own) == null
          && NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .anyMatch(other -> !other.isLoopbackAddress() && !other.isLinkLocalAddress());
    } catch (UnknownHostException | SocketException unknown) {
      return false;
    }
  }

  private static SettingsException wrong(String configured, String why) {
    return new SettingsException(
        "%s is \"%s\": %s; give an address or a name of this machine, by which other nodes reach it"
            .formatted(Setting.CLUSTER_HOST.key(), configured, why));
  }
}
