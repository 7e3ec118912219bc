package dev.batuta.gateway;

import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;

/**
 * Connections that may not stay, or have to give way, and are told why before they are closed: a
 * few at once, so that who only opens connections is not kept beyond the limit. Belongs to the
 * event loop of its door.
 */
public final class Leaving {
  private static final int MOST = 100;

  private int told;

  /** Whether this one may be told too, until it is closed; else it is to be closed at once. */
  public boolean mayBeTold(NetSocket socket) {
    if (told >= MOST) {
      return false;
    }
    told++;
    // Not by its close handler, which is that of whoever served it.
    ((NetSocketInternal) socket)
        .channelHandlerContext()
        .channel()
        .closeFuture()
        .addListener(closed -> told--);
    return true;
  }
}
