package dev.batuta.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;

/**
 * Clients that have said their last and wait for the answer: {@code nc -N}, {@code socat} and
 * {@code CloseWrite} of Go end their side of a connection after what they ask. Netty closes the
 * whole of it then, and what is not answered yet with it, unless it is told otherwise; {@link
 * io.vertx.core.net.NetServerOptions} has no option for that (vertx-core 5.0.10), so it is told
 * connection by connection.
 */
public final class HalfClosure {
  private HalfClosure() {}

  /**
   * Has a connection outlive the end of what its client sends. That end looks the same where the
   * client is gone, and nothing may ever be heard of it again, so from then on it is the door that
   * has to close the connection, within bounds. To be called where a server hands the connection
   * over, before anything of it is read.
   *
   * @param ended runs at most once, on the context of the socket, after all that came before has
   *     been given to its handler, unless it is paused
   */
  public static void allow(Vertx vertx, NetSocket socket, Runnable ended) {
    Context context = vertx.getOrCreateContext();
    ChannelPipeline pipeline = ((NetSocketInternal) socket).channelHandlerContext().pipeline();
    pipeline.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    pipeline.addBefore(
        "handler",
        "half-closure",
        new ChannelInboundHandlerAdapter() {
          @Override
          public void userEventTriggered(ChannelHandlerContext at, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
              context.runOnContext(later -> ended.run());
            }
            at.fireUserEventTriggered(event);
          }
        });
  }
}
