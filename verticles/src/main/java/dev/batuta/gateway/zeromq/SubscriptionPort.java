package dev.batuta.gateway.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batuta.codec.Bytes;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import zmq.Msg;

/**
 * The port at which subscribers listen. On the wire it is an XPUB, here a ROUTER: an XPUB drops
 * what a slow subscriber does not take without a word, and keeps as many subscriptions as anybody
 * sends. Each subscriber has a bounded queue of its own, and what it is too slow for is counted and
 * told. Belongs to the thread of the sockets, except where said.
 */
final class SubscriptionPort implements SocketPort {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriptionPort.class);
  private static final int BATCH = 256;
  private static final LibrarySocket.Marks MARKS = new LibrarySocket.Marks(1_000, 2_000);
  private static final long TOLD_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LibrarySocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Connections connections;
  private final Topics<Bytes> topics = new Topics<>();
  private final Map<Bytes, Connection> subscribers = new HashMap<>();
  private final Queue<Connection> ended = new ConcurrentLinkedQueue<>();
  private volatile boolean hasListeners;
  private volatile boolean isReplicated;

  SubscriptionPort(LibraryContext context, DoorSettings settings, DoorCounts counts) {
    this.settings = settings;
    this.counts = counts;
    this.connections = new Connections(settings, counts, ended::add);
    this.socket = new LibrarySocket(context, SocketType.ROUTER, settings, MARKS, connections);
    socket.routeAs(zmq.ZMQ.ZMQ_XPUB);
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
    return true;
  }

  /** Whether anybody listens to anything; any thread. */
  boolean hasListeners() {
    return hasListeners;
  }

  /** Whether anybody listens to the ops; any thread. */
  boolean isReplicated() {
    return isReplicated;
  }

  @Override
  public void receive() {
    forgetEnded();
    for (int i = 0; i < BATCH; i++) {
      List<Msg> message = socket.receive();
      if (message == null) {
        break;
      }
      counts.received();
      if (message.size() == 2
          && message.getLast().size() > 0
          && LibrarySocket.isKept(message.getLast())) {
        subscribe(message);
      } else {
        counts.refused("invalid-request");
      }
    }
    listenersChanged();
  }

  private void subscribe(List<Msg> message) {
    Connection connection = LibrarySocket.connection(message);
    byte[] said = message.getLast().data();
    LibrarySocket.release(message.getLast());
    if (connection == null || !connection.isOpen()) {
      return;
    }
    if (!connection.heard()) {
      // Who is not heard would not know; the library of a client connects again by itself.
      counts.refused("busy");
      connection.end();
      return;
    }
    Bytes subscriber = Bytes.owning(message.getFirst().data());
    connection.identity = subscriber;
    Connection before = subscribers.put(subscriber, connection);
    if (before != null && before != connection) {
      // It came again under the identity that it chose; what it wants it says anew. The library
      // gives nothing to its old connection any more, and leaves it open.
      topics.remove(subscriber);
      before.end();
    }
    byte[] topic = Arrays.copyOfRange(said, 1, said.length);
    switch (said[0]) {
      case 0 -> topics.remove(subscriber, topic);
      case 1 -> {
        if (!topics.add(subscriber, topic)) {
          // The protocol has no words for it; a subscriber that heard less would not know.
          counts.refused("too-large");
          connection.end();
        }
      }
      default -> counts.refused("invalid-request");
    }
  }

  private void forgetEnded() {
    for (Connection gone = ended.poll(); gone != null; gone = ended.poll()) {
      Bytes identity = gone.identity;
      if (identity != null && subscribers.remove(identity, gone)) {
        topics.remove(identity);
      }
    }
  }

  private void listenersChanged() {
    hasListeners = !topics.isEmpty();
    isReplicated = topics.isHeard("replication".getBytes(UTF_8));
  }

  /**
   * Gives a message to those who listen to its topic, to each in the spelling that it asked for.
   *
   * @param whole whether only those get it who subscribed to the whole topic, in any spelling
   * @param body nobody changes any more
   */
  void publish(byte[] topic, boolean whole, byte[] body) {
    if (whole) {
      topics.ofWhole(topic, (subscriber, spelled) -> give(subscriber, spelled, body));
    } else {
      topics.of(topic, (subscriber, spelled) -> give(subscriber, spelled, body));
    }
  }

  private void give(Bytes subscriber, byte[] topic, byte[] body) {
    Connection to = subscribers.get(subscriber);
    if (to == null) {
      return;
    }
    if (!to.mayWait(body.length)) {
      drop(to);
    } else if (socket.send(subscriber.toArray(), true)) {
      socket.send(topic, true);
      socket.send(to, body);
      counts.sent();
    } else if (socket.isPeerFull()) {
      drop(to);
    }
  }

  private void drop(Connection slow) {
    slow.dropped++;
    counts.refused("too-slow");
  }

  @Override
  public void tick() {
    connections.sweep();
    connections.endIdle();
    forgetEnded();
    subscribers
        .entrySet()
        .removeIf(
            each -> {
              boolean gone = !each.getValue().isOpen();
              if (gone) {
                topics.remove(each.getKey());
              }
              return gone;
            });
    listenersChanged();
    long now = System.nanoTime();
    for (Connection each : connections.open()) {
      boolean soon = each.toldDropped > 0 && now - each.toldDroppedNanos < TOLD_EVERY_NANOS;
      if (each.dropped > each.toldDropped && !soon) {
        LOG.atWarn()
            .addKeyValue("port", settings.name())
            .addKeyValue("subscriber", each.address())
            .addKeyValue("lost", each.dropped - each.toldDropped)
            .addKeyValue("lostInAll", each.dropped)
            .log("a subscriber takes less than comes, and lost messages");
        each.toldDropped = each.dropped;
        each.toldDroppedNanos = now;
      }
    }
  }
}
