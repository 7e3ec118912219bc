package dev.batuta.gateway;

import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Addresses of connections. */
public final class Hosts {
  private Hosts() {}

  /** As text, without a name. */
  public static String text(@Nullable SocketAddress address) {
    String host = address == null ? null : address.hostAddress();
    return host == null ? "" : host;
  }

  /** Asks nobody: the address of a connection is no name. */
  public static InetAddress of(@Nullable SocketAddress address) {
    try {
      return InetAddress.ofLiteral(text(address));
    } catch (IllegalArgumentException unknown) {
      return unspecified();
    }
  }

  private static InetAddress unspecified() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
