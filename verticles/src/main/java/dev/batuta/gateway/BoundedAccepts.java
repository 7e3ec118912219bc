package dev.batuta.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.transport.Transport;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has every port accept only as many connections as their event loops keep up with. Vert.x (5.0.10)
 * accepts on a thread of its own, and hands each connection to the event loop of its server, where
 * the limits of a door count it. Where that is behind, nothing would hold the accepting back until
 * the process has no file left for anything, its database included; so a port pauses while {@link
 * #MAX_WAITING} of its connections have not been taken over. What comes meanwhile waits in the
 * kernel, whose queue is bounded.
 *
 * <p>The count is changed by the acceptor and by all event loops.
 */
public final class BoundedAccepts extends NioTransport {
  /** Of one port; those that one look at the port finds (16 in Netty 4.2) may be beyond it. */
  static final int MAX_WAITING = 128;

  private BoundedAccepts() {}

  /** For all servers of a {@link io.vertx.core.Vertx}. */
  public static Transport transport() {
    return new TransportInternal("nio", true, null, new BoundedAccepts());
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return domainSocket ? super.serverChannelFactory(true) : BoundedAccepts::port;
  }

  private static ServerChannel port() {
    NioServerSocketChannel port = new NioServerSocketChannel();
    port.pipeline().addLast(new Brake(port));
    return port;
  }

  private static final class Brake extends ChannelInboundHandlerAdapter {
    private final Channel port;
    private final AtomicInteger waiting = new AtomicInteger();

    /** By this brake: Netty pauses a port, too, for a second, when an accept has failed. */
    private final AtomicBoolean paused = new AtomicBoolean();

    Brake(Channel port) {
      this.port = port;
    }

    @Override
    public void channelRead(ChannelHandlerContext at, Object accepted) {
      ((Channel) accepted).pipeline().addLast(new Taken(this));
      if (waiting.incrementAndGet() >= MAX_WAITING) {
        pause();
      }
      at.fireChannelRead(accepted);
    }

    private void pause() {
      port.config().setAutoRead(false);
      paused.set(true);
      resume(waiting.get()); // the last of them may have been taken before it was seen to pause
    }

    void taken() {
      resume(waiting.decrementAndGet());
    }

    private void resume(int left) {
      if (left < MAX_WAITING / 2 && paused.compareAndSet(true, false)) {
        port.config().setAutoRead(true);
      }
    }
  }

  /**
   * Told when an event loop has taken a connection over. One that has ended takes none, and never
   * will: it ends with its Vert.x.
   */
  private static final class Taken extends ChannelHandlerAdapter {
    private final Brake brake;

    Taken(Brake brake) {
      this.brake = brake;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext at) {
      at.pipeline().remove(this);
      brake.taken();
    }
  }
}
