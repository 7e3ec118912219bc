package dev.batuta.gateway;

import dev.batuta.gateway.ConnectionLimit.Seat;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a door that speaks TLS holds its clients to before they have spoken it. A server of Vert.x
 * (5.0.10) hands a connection over when its handshake has ended, and tells nobody of one that
 * fails; until then each one would be free, and nobody would know of it. So it is given a place
 * among the connections of the door when it comes, which the door takes over with it, and each that
 * fails is counted: {@code tls-failed}, or {@code too-slow} where it does not end in time.
 *
 * <p>Vert.x asks the options of its engine for what makes the handler of TLS of each connection:
 * that one begins here. Belongs to the event loop of its door.
 */
public final class Handshakes {
  /** Beyond the limit or from elsewhere, which are kept until they have been told so. */
  private static final int MAX_REFUSED = 100;

  /** The alert {@code access_denied}, fatal, in a record of its own (RFC 8446, section 6). */
  private static final byte[] ACCESS_DENIED = {21, 3, 3, 0, 2, 2, 49};

  private final Predicate<InetAddress> allowed;
  private final ConnectionLimit limit;
  private final DoorCounts counts;
  private final ConnectionLimit refused = new ConnectionLimit(MAX_REFUSED);

  /**
   * @param allowed addresses from which clients may come in
   * @param limit of the door
   * @param counts hears of each refusal
   */
  public Handshakes(Predicate<InetAddress> allowed, ConnectionLimit limit, DoorCounts counts) {
    this.allowed = allowed;
    this.limit = limit;
    this.counts = counts;
  }

  /** Has a server begin each handshake here. */
  SSLEngineOptions engine() {
    return new Engine();
  }

  /**
   * One that is beyond the limit finishes its handshake if it can, so that the door can tell it so.
   */
  private void begin(ChannelHandlerContext at, Future<Channel> handshake) {
    if (!(at.channel().remoteAddress() instanceof InetSocketAddress from)) {
      at.close(); // it has gone
    } else if (allowed.test(from.getAddress())) {
      Seat seat =
          limit.admit(() -> giveWay(at)).or(() -> refused.admit(() -> giveWay(at))).orElseThrow();
      handshake.addListener(
          done -> {
            seat.left();
            failed(done.cause());
          });
    } else {
      turnAway(at);
    }
  }

  private void giveWay(ChannelHandlerContext at) {
    counts.refused(limit.full().failure().code());
    at.close();
  }

  /** Who closes its connection is not refused. */
  private void failed(@Nullable Throwable why) {
    if (why instanceof SslHandshakeTimeoutException) {
      counts.refused("too-slow");
    } else if (why != null && !(why instanceof ClosedChannelException)) {
      counts.refused("tls-failed");
    }
  }

  private void turnAway(ChannelHandlerContext at) {
    counts.refused("forbidden");
    Seat seat = refused.admit(at::close).orElseThrow();
    at.channel().closeFuture().addListener(closed -> seat.left());
    at.pipeline().addBefore(at.name(), "denied", new Denied());
  }

  /** Says so once the client has spoken: closed before, it might not get to read it. */
  private static final class Denied extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext at, Object said) {
      ReferenceCountUtil.release(said);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext at) {
      at.writeAndFlush(Unpooled.wrappedBuffer(ACCESS_DENIED))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The engine of the JDK, which Vert.x takes by itself, too. */
  private final class Engine extends SSLEngineOptions {
    @Override
    public SSLEngineOptions copy() {
      return new Engine();
    }

    @Override
    public SslContextFactory sslContextFactory() {
      return new DefaultSslContextFactory(SslProvider.JDK, false) {
        @Override
        public SslContext create() throws SSLException {
          return new Begun(super.create());
        }
      };
    }
  }

  private final class Begun extends DelegatingSslContext {
    Begun(SslContext made) {
      super(made);
    }

    @Override
    protected void initEngine(SSLEngine engine) {}

    @Override
    protected SslHandler newHandler(
        ByteBufAllocator allocator, String host, int port, boolean startTls, Executor tasks) {
      return new SslHandler(newEngine(allocator, host, port), startTls, tasks) {
        @Override
        public void handlerAdded(ChannelHandlerContext at) throws Exception {
          super.handlerAdded(at);
          begin(at, handshakeFuture());
        }
      };
    }
  }
}
