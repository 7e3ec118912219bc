package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import zmq.Options;
import zmq.Own;
import zmq.SocketBase;
import zmq.ZError;
import zmq.ZObject;
import zmq.io.IOObject;
import zmq.io.IOThread;
import zmq.io.StreamEngine;
import zmq.io.net.Address;
import zmq.io.net.tcp.TcpUtils;
import zmq.poll.IPollEvents;
import zmq.poll.Poller;

/**
 * Listens for a socket of the library as its own listener does (JeroMQ 0.6.0, {@code TcpListener}),
 * and has each connection be a {@link PeerSession}, which knows where its peer is. It belongs to
 * the socket, and closes with it; all but the making is for the library's thread.
 */
final class PortListener extends Own implements IPollEvents {
  private static final Logger LOG = LoggerFactory.getLogger(PortListener.class);

  /** At once, before it turns to those that it has. */
  private static final int MAX_ACCEPTS = 64;

  /** Before it tries again when none could be accepted, as no file is left, for example. */
  private static final int PAUSE_MILLIS = 100;

  private static final int GO_ON = 1;

  private final IOThread thread;
  private final SocketBase socket;
  private final Supplier<Options> each;
  private final Connections connections;
  private final ServerSocketChannel channel;
  private final IOObject events;
  private Poller.@Nullable Handle handle;
  private boolean failed;

  private PortListener(
      IOThread thread,
      SocketBase socket,
      Supplier<Options> each,
      Connections connections,
      ServerSocketChannel channel) {
    super(thread, each.get());
    this.thread = thread;
    this.socket = socket;
    this.each = each;
    this.connections = connections;
    this.channel = channel;
    this.events = new IOObject(thread, this);
  }

  /**
   * Listens; on the thread of the socket.
   *
   * @param affinity of the socket, to one thread of the library
   * @param each options of each connection
   * @return the number of the port
   */
  static int listen(
      SocketBase socket,
      long affinity,
      InetSocketAddress at,
      Supplier<Options> each,
      Connections connections)
      throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      TcpUtils.setReuseAddress(channel, true);
      channel.configureBlocking(false);
      channel.bind(at, each.get().backlog);
    } catch (IOException | RuntimeException notThere) {
      channel.close();
      throw notThere;
    }
    IOThread thread = new Threads(socket).one(affinity);
    new PortListener(thread, socket, each, connections, channel).launch();
    return channel.socket().getLocalPort();
  }

  /** The threads of the library that a socket is of. */
  private static final class Threads extends ZObject {
    Threads(SocketBase socket) {
      super(socket);
    }

    IOThread one(long affinity) {
      return chooseIoThread(affinity);
    }
  }

  /** As {@code launchChild} of the socket would, which only the library may call. */
  private void launch() {
    sendPlug(this);
    sendOwn(socket, this);
  }

  @Override
  protected void processPlug() {
    events.plug();
    watch();
  }

  private void watch() {
    Poller.Handle added = events.addFd(channel);
    events.setPollAccept(added);
    handle = added;
  }

  /**
   * Accepts those that wait, some at a time: between two looks at its ports the library (JeroMQ
   * 0.6.0) goes through all connections when there is a new one, so that one at a time would be the
   * slower, the more there are.
   */
  @Override
  public void acceptEvent() {
    int left = MAX_ACCEPTS;
    while (left > 0 && acceptNext()) {
      left--;
    }
  }

  /**
   * Whatever fails about one connection, this thread goes on: it is that of all others, too.
   *
   * @return whether more may wait
   */
  private boolean acceptNext() {
    try {
      SocketChannel accepted = channel.accept();
      if (accepted == null) {
        if (failed) {
          failed = false;
          LOG.info("connections are accepted again, and none waits");
        }
        return false;
      }
      takeIfThere(accepted);
      return true;
    } catch (IOException noMore) {
      pause(noMore);
      return false;
    }
  }

  /** Those that wait keep waiting; who looked again at once would do nothing else. */
  private void pause(IOException why) {
    if (!failed) {
      failed = true;
      LOG.warn("no connection can be accepted, which is tried again every 100 ms", why);
    }
    events.removeHandle(handle);
    handle = null;
    events.addTimer(PAUSE_MILLIS, GO_ON);
  }

  /**
   * The library takes a port that it has given up, and not forgotten yet, for one that it has, and
   * would then watch none.
   */
  @Override
  public void timerEvent(int id) {
    if (channel.isRegistered()) {
      events.addTimer(PAUSE_MILLIS, GO_ON);
    } else {
      watch();
    }
  }

  private void takeIfThere(SocketChannel accepted) {
    try {
      take(accepted);
    } catch (IOException | ZError.IOException gone) {
      LOG.debug("a connection ended before it was accepted", gone);
    } catch (RuntimeException defect) {
      LOG.error("a connection was not accepted", defect);
    }
  }

  private void take(SocketChannel accepted) throws IOException {
    try {
      TcpUtils.tuneTcpSocket(accepted);
      TcpUtils.tuneTcpKeepalives(
          accepted,
          options.tcpKeepAlive,
          options.tcpKeepAliveCnt,
          options.tcpKeepAliveIdle,
          options.tcpKeepAliveIntvl);
      String address = new Address((InetSocketAddress) accepted.getRemoteAddress()).address();
      Options own = each.get();
      PeerSession session =
          own.asServer
              ? new CurveSession(thread, socket, own, connections, address)
              : new PeerSession(thread, socket, own, connections, address);
      own.allocator = session;
      StreamEngine engine = new StreamEngine(accepted, own, address);
      session.incSeqnum();
      launchChild(session);
      sendAttach(session, engine, false);
      socket.eventAccepted(address, accepted);
    } catch (IOException | RuntimeException gone) {
      accepted.close();
      throw gone;
    }
  }

  @Override
  protected void processTerm(int linger) {
    if (handle == null) {
      events.cancelTimer(GO_ON);
    } else {
      events.removeHandle(handle);
      handle = null;
    }
    try {
      channel.close();
    } catch (IOException broken) {
      LOG.debug("a port was not closed in order", broken);
    }
    super.processTerm(linger);
  }

  @Override
  protected void destroy() {
    events.unplug();
    sendTermAck(socket);
  }
}
