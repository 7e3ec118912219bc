package dev.batuta.gateway.platform;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.AllowedHosts;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.Optional;

/**
 * Where a worker is to be connected to. A registration has no credentials, so it must not make this
 * node connect to whatever somebody names: an address is taken where it is the sender's own, or of
 * a network whose hosts may come in too, and this machine's loopback for its own workers only. A
 * name is not looked up, as names are others' to change: a worker that gives one is where it speaks
 * from.
 */
final class WorkerPlace {
  private WorkerPlace() {}

  /**
   * The place of a worker.
   *
   * @param host what it says, empty for nothing
   * @param sender where it speaks from
   * @throws Refused FORBIDDEN when the host is another's
   */
  static SocketAddress of(String host, int port, InetAddress sender, AllowedHosts allowed) {
    InetAddress said = literal(host).orElse(sender);
    // A worker that listens on all of its addresses often says so.
    InetAddress at = said.isAnyLocalAddress() ? sender : said;
    if (!at.equals(sender) && !mayDiffer(at, sender, allowed)) {
      throw Refused.forbidden(
          "host is \""
              + Refused.shown(host)
              + "\", which is not the address that this worker speaks from ("
              + sender.getHostAddress()
              + "), nor of a network that is allowed here; leave host out.");
    }
    return SocketAddress.inetSocketAddress(port, at.getHostAddress());
  }

  private static boolean mayDiffer(InetAddress at, InetAddress sender, AllowedHosts allowed) {
    if (at.isLoopbackAddress()) {
      return sender.isLoopbackAddress();
    }
    return !at.isLinkLocalAddress() && !at.isMulticastAddress() && allowed.allows(at);
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException name) {
      return Optional.empty();
    }
  }
}
