package dev.batuta.gateway.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How fast a client of HTTP/1 sends what it has begun: a header within a time, and a body at a rate
 * that it may fall behind by some times as much. Vert.x tells of a header only when it is whole, so
 * bytes are watched where they come in. Belongs to the event loop of its connection.
 */
final class Pace extends ChannelInboundHandlerAdapter {
  /** Of a body, beyond the time that it may fall behind. */
  static final int LEAST_BYTES_PER_SECOND = 32 * 1024;

  /** So many times the patience with a header: a network may be cut for a while. */
  static final int BODY_PATIENCE = 6;

  private static final String DECODER = "httpDecoder";

  private final ChannelPipeline pipeline;
  private final long patienceNanos;
  private final long openedNanos = System.nanoTime();

  /** The request that has come and is not answered yet. */
  private @Nullable HttpServerRequest present;

  private boolean asked;
  private long bodyNanos;
  private boolean headerBegan;
  private long headerNanos;
  private boolean told;

  private Pace(ChannelPipeline pipeline, Duration patience) {
    this.pipeline = pipeline;
    this.patienceNanos = patience.toNanos();
  }

  /**
   * Watches a new connection.
   *
   * @param patience with its first header from now on, and with each that has begun
   */
  static Pace of(HttpConnection connection, Duration patience) {
    ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
    Pace pace = new Pace(pipeline, patience);
    pipeline.addBefore(DECODER, "pace", pace);
    return pace;
  }

  @Override
  public void channelRead(ChannelHandlerContext at, Object bytes) {
    if (!headerBegan && (present == null || present.isEnded())) {
      headerBegan = true;
      headerNanos = System.nanoTime();
    }
    at.fireChannelRead(bytes);
  }

  /** A header is whole, and its body may follow. */
  void asked(HttpServerRequest request, long nowNanos) {
    present = request;
    asked = true;
    headerBegan = false;
    bodyNanos = nowNanos;
  }

  /** Whether it was waited for long enough; to be asked every second or so. */
  boolean isTooSlow(long nowNanos) {
    if (pipeline.get(DECODER) == null) {
      return false; // It has become a WebSocket.
    }
    if (present != null && !present.isEnded()) {
      return isBehind(present.bytesRead(), nowNanos - bodyNanos, patienceNanos);
    }
    if (present != null && !present.response().ended()) {
      headerNanos = nowNanos; // What it sends meanwhile is not looked at.
      return false;
    }
    present = null;
    return asked
        ? headerBegan && nowNanos - headerNanos > patienceNanos
        : nowNanos - openedNanos > patienceNanos;
  }

  /** Whether more of a body should have come in this time. */
  static boolean isBehind(long bytes, long nanos, long patienceNanos) {
    double bodySeconds = (double) bytes / LEAST_BYTES_PER_SECOND;
    double patience = BODY_PATIENCE * (double) patienceNanos;
    return nanos > patience + bodySeconds * TimeUnit.SECONDS.toNanos(1);
  }

  /** The request whose body is not whole; null where that is its header. */
  @Nullable HttpServerRequest incomplete() {
    return present;
  }

  /** Whether anything has come of a header that is not whole. */
  boolean hasBegun() {
    return headerBegan;
  }

  /** Once: a client that does not read what it is told is cut off. */
  boolean isToBeTold() {
    if (told) {
      pipeline.channel().close();
      return false;
    }
    told = true;
    return true;
  }

  /** Answers what is no request yet. */
  ChannelFuture answer(String status, String mediaType, String body) {
    String answer =
        """
        HTTP/1.1 %s
        Content-Type: %s
        Content-Length: %d
        Connection: close

        %s"""
            .formatted(status, mediaType, body.getBytes(StandardCharsets.UTF_8).length, body)
            .replace("\n", "\r\n");
    ChannelHandlerContext encoder = pipeline.context("httpEncoder"); // to write beyond it
    return encoder.writeAndFlush(ByteBufUtil.writeUtf8(encoder.alloc(), answer));
  }
}
