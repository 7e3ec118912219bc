package dev.batuta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a WebSocket holds of a message that is not complete: Netty puts frames together, and
 * Vert.x messages of frames, where nobody sees them (vertx-core 5.0.10). Belongs to the event loop
 * of its connection.
 */
public final class HeldFrames {
  /** For a client to read why it is closed. */
  private static final long MOMENT_MILLIS = 500;

  private static final int SHORT_FRAME = 125;
  private static final int MIDDLE_FRAME = 0xFFFF;
  private static final int MASKED_HEADER_BYTES = 6;

  private final HeldBytes.Share room;
  private final Runnable tell;

  /** What was read of a frame, and what the message has whose frames have come. */
  private int frameBytes;

  private int messageBytes;
  private boolean full;

  private HeldFrames(HeldBytes.Share room, Runnable tell) {
    this.room = room;
    this.tell = tell;
  }

  /**
   * Watches a connection that has become a WebSocket without compression; another one is left as it
   * is. To be called before anything of it is heard.
   *
   * @param room of this connection, given back when it is closed
   * @param tell says why the connection is closed a moment later, where there is no room; runs at
   *     most once
   */
  public static void watch(
      Vertx vertx, HttpConnection connection, HeldBytes.Share room, Runnable tell) {
    ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
    @Nullable ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
    if (decoder == null) {
      return;
    }
    Context context = vertx.getOrCreateContext();
    HeldFrames held = new HeldFrames(room, () -> context.runOnContext(here -> tell.run()));
    pipeline.addBefore(decoder.name(), "held-bytes", held.new Bytes());
    pipeline.addAfter(decoder.name(), "held-frames", held.new Frames());
    pipeline.channel().closeFuture().addListener(closed -> room.giveBack());
  }

  private final class Bytes extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext at, Object read) {
      if (read instanceof ByteBuf bytes) {
        frameBytes += bytes.readableBytes();
        if (isTooMuch(at)) {
          bytes.release();
          return;
        }
      }
      at.fireChannelRead(read);
    }
  }

  private final class Frames extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext at, Object read) {
      if (read instanceof WebSocketFrame frame) {
        came(frame);
        isTooMuch(at);
      }
      at.fireChannelRead(read);
    }
  }

  private void came(WebSocketFrame frame) {
    int size = frame.content().readableBytes();
    int length = size <= SHORT_FRAME ? 0 : size <= MIDDLE_FRAME ? Short.BYTES : Long.BYTES;
    frameBytes = Math.max(0, frameBytes - MASKED_HEADER_BYTES - length - size);
    if (frame instanceof PingWebSocketFrame || frame instanceof PongWebSocketFrame) {
      return; // in the midst of a message
    }
    messageBytes = frame.isFinalFragment() ? 0 : messageBytes + size;
  }

  private boolean isTooMuch(ChannelHandlerContext at) {
    if (!full && !room.hold(frameBytes + messageBytes)) {
      full = true;
      tell.run();
      at.executor().schedule(() -> at.close(), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
    }
    return full;
  }
}
