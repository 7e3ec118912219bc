package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Listening.Place;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZMQ.Socket;
import zmq.Msg;
import zmq.Options;
import zmq.SocketBase;
import zmq.ZError;

/**
 * A socket of the library with the limits of its port. For one thread.
 *
 * <p>It has no ZeroMQ heartbeats: some implementations of clients take a ping for a message, or
 * end. Dead peers are found by TCP.
 */
final class LibrarySocket {
  private static final long MOST_READ_BYTES = 8 << 20;
  private static final int BACKLOG = 1_024;
  private static final int KEEP_ALIVE_IDLE_SECONDS = 60;
  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 15;
  private static final int KEEP_ALIVE_COUNT = 4;

  private final Socket socket;
  private final SocketBase base;
  private final SocketType type;
  private final DoorSettings settings;
  private final Marks marks;
  private final Connections connections;
  private final @Nullable CurveKey key;
  private int asType = -1;

  /**
   * Messages that may wait for one peer; beyond them it is not read any more, or gets no more.
   *
   * @param incoming read from it, and not received here yet
   * @param outgoing sent here, and not written to it yet
   */
  record Marks(int incoming, int outgoing) {}

  LibrarySocket(
      LibraryContext context,
      SocketType type,
      DoorSettings settings,
      Marks marks,
      Connections connections) {
    this.socket = context.socket(type);
    this.base = socket.base();
    this.type = type;
    this.settings = settings;
    this.marks = marks;
    this.connections = connections;
    this.key = context.key();
    base.setEventHook(connections, Connections.EVENTS);
  }

  /** Of a new connection. */
  private Options options() {
    Options options = new Options();
    options.type = type.type();
    options.asType = asType;
    options.recvIdentity = type == SocketType.ROUTER;
    options.linger = socket.getLinger();
    options.recvHwm = marks.incoming();
    options.sendHwm = marks.outgoing();
    options.maxMsgSize = hardLimit(settings);
    options.handshakeIvl = 0; // Connections ends those whose greeting is late
    options.backlog = BACKLOG;
    options.tcpKeepAlive = 1;
    options.tcpKeepAliveIdle = KEEP_ALIVE_IDLE_SECONDS;
    options.tcpKeepAliveIntvl = KEEP_ALIVE_INTERVAL_SECONDS;
    options.tcpKeepAliveCnt = KEEP_ALIVE_COUNT;
    // With a domain the library lets in only peers of ZMTP 3.0 and later; nobody answers for it.
    // Earlier ones have messages that end nowhere, and know no encryption.
    options.zapDomain = "batuta";
    if (key != null) {
      options.setSocketOpt(zmq.ZMQ.ZMQ_CURVE_SERVER, true);
      options.maxMsgSize = -1; // CurveSession has limits of its own
      options.curvePublicKey = key.publicBytes();
      options.curveSecretKey = key.secretBytes();
    }
    return options;
  }

  /**
   * Above the limit of a message there is room for one that is read, not kept and refused; beyond
   * this one the connection ends.
   */
  static long hardLimit(DoorSettings settings) {
    return Math.max(
        MOST_READ_BYTES, (long) settings.maxMessageBytes() + CurveSession.OVERHEAD_BYTES);
  }

  /**
   * Says on the wire that it is of another type, and tells of peers that cannot be sent to.
   *
   * @param type of {@link zmq.ZMQ}
   */
  void routeAs(int type) {
    asType = type;
    base.setSocketOpt(zmq.ZMQ.ZMQ_AS_TYPE, type);
    socket.setRouterMandatory(true);
    // A client that comes back under its identity need not wait until its old connection is found
    // dead.
    socket.setRouterHandover(true);
  }

  Socket socket() {
    return socket;
  }

  /**
   * Listens.
   *
   * @return the number of the port
   */
  int bind(Place place) throws IOException {
    InetSocketAddress at = new InetSocketAddress(place.host(), place.port());
    if (at.isUnresolved()) {
      throw new IOException("nobody has the address " + place.host());
    }
    return PortListener.listen(base, socket.getAffinity(), at, this::options, connections);
  }

  /** The next message in all its frames; null if there is none now. */
  @Nullable List<Msg> receive() {
    Msg frame = base.recv(zmq.ZMQ.ZMQ_DONTWAIT);
    if (frame == null) {
      return null;
    }
    List<Msg> message = new ArrayList<>(4);
    message.add(frame);
    while (frame != null && frame.hasMore()) {
      frame = base.recv(zmq.ZMQ.ZMQ_DONTWAIT);
      if (frame != null) {
        message.add(frame);
      }
    }
    return message;
  }

  /**
   * Sends a frame.
   *
   * @param more whether another frame of the same message follows
   * @return false if the peer is gone or takes no more now, see {@link #isPeerFull}
   */
  boolean send(byte[] frame, boolean more) {
    return base.send(new Msg(frame), zmq.ZMQ.ZMQ_DONTWAIT | (more ? zmq.ZMQ.ZMQ_SNDMORE : 0));
  }

  /**
   * Sends the last frame of a message.
   *
   * @param to null if it is not known any more, or does not matter
   * @param body nobody changes any more
   */
  void send(@Nullable Connection to, byte[] body) {
    base.send(to == null ? new Msg(body) : new SentFrame(body, to), zmq.ZMQ.ZMQ_DONTWAIT);
  }

  /** Whether the last frame was not sent because the peer takes less than comes. */
  boolean isPeerFull() {
    return base.errno() == ZError.EAGAIN;
  }

  /** The connection by which a message came. */
  static @Nullable Connection connection(List<Msg> message) {
    return message.getLast() instanceof ReceivedFrame frame ? frame.connection() : null;
  }

  /** Whether the bytes of a frame are those that were sent. */
  static boolean isKept(Msg frame) {
    return !(frame instanceof ReceivedFrame received) || received.isKept();
  }

  /** The bytes of a frame are of no more use. */
  static void release(Msg frame) {
    if (frame instanceof ReceivedFrame received) {
      received.release();
    }
  }
}
