package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Bytes;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import zmq.Msg;

/**
 * The port to which publishers send. It subscribes to all that they have; what is not taken in time
 * waits in them, and is lost there. Belongs to the thread of the sockets, except where said.
 */
final class PublicationPort implements SocketPort {
  private static final Logger LOG = LoggerFactory.getLogger(PublicationPort.class);
  private static final int BATCH = 256;
  private static final int MOST_UNDER_WAY = 4_096;
  private static final long MOST_BYTES = 16 << 20;
  private static final LibrarySocket.Marks MARKS = new LibrarySocket.Marks(64, 16);
  private static final byte[] SUBSCRIBE_TO_ALL = {1};
  private static final int FRAME_COST_BYTES = 200;

  /**
   * What was published, as it came.
   *
   * @param frames that it came in
   */
  record Came(Bytes topic, Bytes body, List<Msg> frames) {
    private long cost() {
      return FRAME_COST_BYTES + topic.length() + (long) body.length();
    }
  }

  private final LibrarySocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Connections connections;
  private Consumer<List<Came>> inbox = none -> {};
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong bytesUnderWay = new AtomicLong();

  PublicationPort(LibraryContext context, DoorSettings settings, DoorCounts counts) {
    this.settings = settings;
    this.counts = counts;
    this.connections = new Connections(settings, counts, ended -> {});
    this.socket = new LibrarySocket(context, SocketType.XSUB, settings, MARKS, connections);
    socket.send(SUBSCRIBE_TO_ALL, false);
  }

  /** Who takes what comes; of each {@link #done} is to be told. Before it is served. */
  void giveTo(Consumer<List<Came>> inbox) {
    this.inbox = inbox;
  }

  @Override
  public LibrarySocket socket() {
    return socket;
  }

  @Override
  public DoorSettings settings() {
    return settings;
  }

  @Override
  public boolean wantsInput() {
    return underWay.get() < MOST_UNDER_WAY && bytesUnderWay.get() < MOST_BYTES;
  }

  @Override
  public void receive() {
    List<Came> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      List<Msg> message = socket.receive();
      if (message == null) {
        break;
      }
      take(message, batch);
    }
    if (!batch.isEmpty()) {
      inbox.accept(batch);
    }
  }

  /** There is no way to tell a publisher that something is wrong; it is counted. */
  private void take(List<Msg> message, List<Came> batch) {
    counts.received();
    Connection connection = LibrarySocket.connection(message);
    if (connection != null && !connection.heard()) {
      counts.refused("busy");
    } else if (message.size() != 2) {
      counts.refused("invalid-request");
    } else if (!message.stream().allMatch(LibrarySocket::isKept)) {
      boolean tooLarge =
          message.stream().anyMatch(frame -> frame.size() > settings.maxMessageBytes());
      counts.refused(tooLarge ? "too-large" : "busy");
    } else {
      Came came =
          new Came(
              Bytes.owning(message.getFirst().data()),
              Bytes.owning(message.getLast().data()),
              message);
      underWay.incrementAndGet();
      bytesUnderWay.addAndGet(came.cost());
      batch.add(came);
    }
  }

  /** What came was stored or refused; any thread. */
  void done(Came came) {
    underWay.decrementAndGet();
    bytesUnderWay.addAndGet(-came.cost());
    came.frames().forEach(LibrarySocket::release);
  }

  /**
   * A publisher of some implementations stays silent after a restart, and takes that for sending.
   */
  @Override
  public void tick() {
    connections.sweep();
    for (Connection each : connections.open()) {
      if (!each.toldQuiet && each.silentMillis() > settings.idle().toMillis()) {
        each.toldQuiet = true;
        counts.refused("publisher-quiet");
        LOG.atWarn()
            .addKeyValue("port", settings.name())
            .addKeyValue("from", each.address())
            .addKeyValue("silentSeconds", each.silentMillis() / 1_000)
            .addKeyValue("everPublished", each.hasSpoken())
            .log("a publisher has gone quiet");
      }
    }
  }
}
