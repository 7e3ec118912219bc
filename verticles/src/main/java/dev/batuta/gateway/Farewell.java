package dev.batuta.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.time.Duration;

/**
 * How a door ends a connection whose other side may still send. One that is closed before all is
 * read is reset, and a reset may take from the other side what it has not read yet; so what still
 * comes is read, and thrown away, for a moment.
 */
public final class Farewell {
  private static final Duration MOMENT = Duration.ofMillis(500);

  /** For the other side to read the last that is said. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private Farewell() {}

  /** Writes the last that is said, and closes a moment later. On the context of the socket. */
  public static void say(Vertx vertx, NetSocket socket, Buffer last) {
    socket.handler(thrownAway -> {});
    socket.resume();
    socket
        .write(last)
        .onComplete(said -> vertx.setTimer(MOMENT.toMillis(), over -> socket.close()));
    vertx.setTimer(PATIENCE.toMillis(), over -> cutOff(socket));
  }

  /** Closes when the other side has read all, or a moment later. On the context of the socket. */
  public static void close(Vertx vertx, NetSocket socket) {
    socket.close();
    vertx.setTimer(PATIENCE.toMillis(), over -> cutOff(socket));
  }

  /**
   * Closes whether the other side reads or not: {@link NetSocket#close} waits until it has read all
   * that was written (vertx-core 5.0.10). On the context of the socket.
   */
  public static void cutOff(NetSocket socket) {
    ((NetSocketInternal) socket).channelHandlerContext().close();
  }
}
