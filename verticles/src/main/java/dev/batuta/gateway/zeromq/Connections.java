package dev.batuta.gateway.zeromq;

import dev.batuta.gateway.ConnectionLimit;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.HeldBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import zmq.Msg;
import zmq.ZMQ;
import zmq.io.net.Address;

/**
 * The connections of one port: who may come in, and how much each may send at once. The library
 * tells of them on its own threads. Safe on any thread.
 */
final class Connections implements ZMQ.EventConsummer {
  /** What {@link #consume} has to be told of. */
  static final int EVENTS =
      ZMQ.ZMQ_EVENT_ACCEPTED | ZMQ.ZMQ_EVENT_HANDSHAKE_PROTOCOL | ZMQ.ZMQ_EVENT_DISCONNECTED;

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Consumer<Connection> onEnd;
  private final ConnectionLimit limit;

  /** By frames that were read and not handled yet. */
  private final HeldBytes held;

  private final AtomicLong waiting = new AtomicLong();
  private final Map<String, Connection> open = new ConcurrentHashMap<>();

  /** Takes the bytes of frames that are not kept. */
  private @Nullable ByteBuffer waste;

  /**
   * @param onEnd is told of each connection that ended, on a thread of the library
   */
  Connections(DoorSettings settings, DoorCounts counts, Consumer<Connection> onEnd) {
    this.settings = settings;
    this.counts = counts;
    this.onEnd = onEnd;
    this.limit = new ConnectionLimit(settings.maxConnections());
    this.held = new HeldBytes(settings.maxHeldBytes());
  }

  @Override
  public void consume(ZMQ.Event event) {
    if (event.event == ZMQ.ZMQ_EVENT_HANDSHAKE_PROTOCOL) {
      greeted(open.get(event.addr));
    } else if (event.arg instanceof SocketChannel channel) {
      try {
        if (event.event == ZMQ.ZMQ_EVENT_ACCEPTED) {
          accepted(channel);
        } else {
          ended(channel);
        }
      } catch (IOException gone) {
        LOG.debug("a connection ended while it came in", gone);
      }
    }
  }

  private void accepted(SocketChannel channel) throws IOException {
    InetSocketAddress from = (InetSocketAddress) channel.getRemoteAddress();
    String address = new Address(from).address();
    Connection connection = new Connection(channel, address, settings.messagesPerSecond(), waiting);
    if (!settings.allowed().allows(from.getAddress())) {
      refuse(connection, "forbidden");
      return;
    }
    ended(open.get(address));
    limit
        .admit(() -> giveWay(connection))
        .ifPresentOrElse(
            seat -> admitted(connection, seat), () -> refuse(connection, "too-many-connections"));
  }

  private static void greeted(@Nullable Connection connection) {
    if (connection != null) {
      connection.greeted();
    }
  }

  private void admitted(Connection connection, Seat seat) {
    connection.takeSeat(seat);
    open.put(connection.address(), connection);
    counts.opened();
  }

  /** Before its greeting the protocol has no words. */
  private void refuse(Connection connection, String why) {
    counts.refused(why);
    LOG.atDebug()
        .addKeyValue("port", settings.name())
        .addKeyValue("from", connection.address())
        .addKeyValue("why", why)
        .log("a connection was refused");
    connection.end();
  }

  private void giveWay(Connection connection) {
    end(connection, "too-many-connections");
  }

  /** The address of a channel that the other side closed is still known; of a closed one not. */
  private void ended(SocketChannel channel) throws IOException {
    if (channel.isOpen() && channel.getRemoteAddress() instanceof InetSocketAddress from) {
      ended(open.get(new Address(from).address()));
    } else {
      open.values().stream().filter(each -> !each.isOpen()).forEach(this::ended);
    }
  }

  private void ended(@Nullable Connection connection) {
    if (connection != null && open.remove(connection.address(), connection)) {
      connection.ended();
      counts.closed();
      onEnd.accept(connection);
    }
  }

  /**
   * Forgets those of whose end nobody told, and ends those whose greeting is late. The library
   * (JeroMQ 0.6.0) has a timer for that, of each connection: it keeps those of connections that
   * have ended until they are due, and sorts all of them at each of its events.
   */
  void sweep() {
    for (Connection each : open.values()) {
      if (!each.isOpen()) {
        ended(each);
      } else if (each.isLate(settings.opening())) {
        end(each, "too-slow");
      }
    }
  }

  /** Ends those that came and never asked, as a door does whose clients ask. */
  void endIdle() {
    for (Connection each : open.values()) {
      if (!each.hasSpoken() && each.silentMillis() > settings.idle().toMillis()) {
        end(each, "idle");
      }
    }
  }

  /** It is counted once: of what the library notices later nothing comes. */
  private void end(Connection connection, String why) {
    refuse(connection, why);
    ended(connection);
  }

  Collection<Connection> open() {
    return open.values();
  }

  /**
   * A length is only announced so far: what is too large, or too much now, is not kept, and one
   * that no frame can have ends the connection. Nothing may be thrown here, on the library's only
   * thread.
   */
  Msg allocate(int size, String address) {
    if (size < 0 || size > LibrarySocket.hardLimit(settings)) {
      broken(address);
      return new ReceivedFrame(waste(0), this);
    }
    HeldBytes.Share share = room(size);
    return share == null
        ? new ReceivedFrame(waste(size), this)
        : new ReceivedFrame(size, this, share);
  }

  /** Room for what a frame holds; null where it is too large, or too much now. */
  private HeldBytes.@Nullable Share room(int size) {
    return size > settings.maxMessageBytes() ? null : held.take(size);
  }

  /**
   * To decrypt costs memory and time by the size, so that what is too large for an answer is not
   * read where frames are encrypted.
   *
   * @return how large a frame may be that is read, and refused in the words of the protocol if it
   *     holds too much
   */
  long mostEncryptedBytes() {
    return Math.min(
        2L * settings.maxMessageBytes() + CurveSession.OVERHEAD_BYTES,
        LibrarySocket.hardLimit(settings));
  }

  /**
   * A frame that is encrypted, of at most {@link #mostEncryptedBytes}. What is not kept is
   * decrypted all the same, and comes to nothing where another such frame is read meanwhile.
   */
  Msg allocateEncrypted(int size) {
    HeldBytes.Share share = room(Math.max(0, size - CurveSession.OVERHEAD_BYTES));
    return share == null
        ? new ReceivedFrame(waste(size), this)
        : new ReceivedFrame(size, this, share);
  }

  /**
   * What came out of an encrypted frame, whose own room is free again; from here on it is as one
   * that came so.
   *
   * @param address by which it came
   */
  Msg decrypted(Msg plain, String address) {
    HeldBytes.Share share = room(plain.size());
    ReceivedFrame frame =
        share == null
            ? new ReceivedFrame(waste(plain.size()), this)
            : new ReceivedFrame(plain, this, share);
    frame.setFlags(plain.flags());
    frame.passes(address);
    return frame;
  }

  /** Something of a client was refused before it was a message. */
  void refused(String why) {
    counts.refused(why);
  }

  /** The library has one thread that reads, and what it reads here nobody looks at. */
  private ByteBuffer waste(int size) {
    ByteBuffer taken = waste;
    if (taken == null || taken.capacity() < size) {
      taken = ByteBuffer.allocateDirect(Math.toIntExact(LibrarySocket.hardLimit(settings)));
      waste = taken;
    }
    return taken.duplicate().limit(size);
  }

  /**
   * A frame passed: a message that is too large in all its frames ends its connection.
   *
   * @param bytes that are kept of it
   */
  @Nullable Connection passed(String address, int bytes, boolean last) {
    Connection connection = open.get(address);
    if (connection != null && connection.part(bytes, last) > allowedBytes()) {
      counts.refused("too-large");
      connection.end();
    }
    return connection;
  }

  /** A frame came that can be none. */
  private void broken(String address) {
    counts.refused("malformed-message");
    Connection connection = open.get(address);
    if (connection != null) {
      connection.end();
    }
  }

  private long allowedBytes() {
    return settings.maxMessageBytes() + 16L * ReceivedFrame.COST_BYTES;
  }
}
