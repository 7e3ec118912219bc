package dev.batuta.gateway.zeromq;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQ.Socket;

/**
 * The library, with one thread that reads, writes and accepts for each socket: so a connection is
 * known before anything comes by it, and who opens and closes many at one port does not hold up the
 * others. For one thread.
 */
final class LibraryContext {
  private static final Logger LOG = LoggerFactory.getLogger(LibraryContext.class);
  private static final int LINGER_MILLIS = 500;

  private final ZContext context;
  private final int most;
  private final @Nullable CurveKey key;
  private int made;

  /**
   * @param most sockets, at most 64
   * @param key by which all of them speak CURVE and nothing else; null where they speak in the
   *     clear
   */
  LibraryContext(int most, @Nullable CurveKey key) {
    this.most = most;
    this.key = key;
    context = new ZContext(most);
    context.setLinger(LINGER_MILLIS);
    context.setNotificationExceptionHandler(
        (on, error) -> LOG.debug("what a client sent broke its connection", error));
    context.setUncaughtExceptionHandler(
        (on, error) -> LOG.error("a thread of the sockets ended", error));
  }

  Socket socket(SocketType type) {
    Socket socket = context.createSocket(type);
    socket.setAffinity(1L << (made++ % most));
    return socket;
  }

  @Nullable CurveKey key() {
    return key;
  }

  ZMQ.Poller poller(int size) {
    return context.createPoller(size);
  }

  /** Closes all sockets. */
  void close() {
    context.close();
  }
}
