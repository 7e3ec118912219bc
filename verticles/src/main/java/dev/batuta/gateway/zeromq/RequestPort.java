package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Bytes;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import zmq.Msg;

/**
 * A port that answers requests. On the wire it is a REP, here a ROUTER: a REP socket is deaf to all
 * while it owes one an answer. Belongs to the thread of the sockets, except where said.
 */
final class RequestPort implements SocketPort {
  private static final int BATCH = 256;
  private static final int MOST_UNDER_WAY = 8_192;
  private static final long MOST_BYTES = 16 << 20;
  private static final LibrarySocket.Marks MARKS = new LibrarySocket.Marks(16, 1_000);
  private static final int FRAME_COST_BYTES = 200;

  /**
   * A request as it came.
   *
   * @param from by which connection; null for one that has ended
   * @param envelope the way back, with the empty frame at its end if the client sent one
   * @param body null if there is not exactly one frame behind it, or one that was not kept
   * @param frames that it came in
   * @param tooMany whether its client asks more often than it may
   */
  record Asked(
      @Nullable Connection from,
      List<byte[]> envelope,
      @Nullable Bytes body,
      List<Msg> frames,
      boolean tooMany) {

    /** The bytes of the only frame behind the envelope; -1 if there are none or several. */
    int size() {
      return frames.size() == envelope.size() + 1 ? frames.getLast().size() : -1;
    }

    private int cost() {
      return FRAME_COST_BYTES + (body == null ? 0 : body.length());
    }
  }

  private final LibrarySocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Connections connections;
  private Consumer<List<Asked>> inbox = none -> {};
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicLong bytesUnderWay = new AtomicLong();

  RequestPort(LibraryContext context, DoorSettings settings, DoorCounts counts) {
    this.settings = settings;
    this.counts = counts;
    this.connections = new Connections(settings, counts, ended -> {});
    this.socket = new LibrarySocket(context, SocketType.ROUTER, settings, MARKS, connections);
    socket.routeAs(zmq.ZMQ.ZMQ_REP);
  }

  /** Who takes what comes; each is to be answered by {@link #reply}. Before it is served. */
  void giveTo(Consumer<List<Asked>> inbox) {
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
    List<Asked> batch = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      List<Msg> message = socket.receive();
      if (message == null) {
        break;
      }
      Asked asked = asked(message);
      if (asked != null) {
        batch.add(asked);
      }
    }
    if (!batch.isEmpty()) {
      inbox.accept(batch);
    }
  }

  /** Null if there is no way back. */
  private @Nullable Asked asked(List<Msg> message) {
    counts.received();
    Connection connection = LibrarySocket.connection(message);
    boolean tooMany = connection != null && !connection.heard();
    int last = 1;
    while (last < message.size() && message.get(last).size() > 0) {
      last++;
    }
    // A DEALER need not send the empty frame; then its address is all of the way back.
    int bodyAt = last < message.size() ? last + 1 : 1;
    List<Msg> way = message.subList(0, Math.min(bodyAt, message.size()));
    if (!way.stream().allMatch(LibrarySocket::isKept)) {
      counts.refused("too-large");
      if (connection != null) {
        connection.end();
      }
      return null;
    }
    List<byte[]> envelope = way.stream().map(Msg::data).toList();
    boolean isWhole = message.size() == bodyAt + 1 && LibrarySocket.isKept(message.getLast());
    Bytes body = isWhole ? Bytes.owning(message.getLast().data()) : null;
    Asked asked = new Asked(connection, envelope, body, message, tooMany);
    underWay.incrementAndGet();
    bytesUnderWay.addAndGet(asked.cost());
    return asked;
  }

  /** Sends the answer to a request; it is lost where the client is gone, or reads none. */
  void reply(Asked asked, byte[] answer) {
    underWay.decrementAndGet();
    bytesUnderWay.addAndGet(-asked.cost());
    asked.frames().forEach(LibrarySocket::release);
    Connection to = asked.from();
    if (to != null && !to.mayWait(answer.length)) {
      counts.refused("too-slow");
      return;
    }
    for (byte[] frame : asked.envelope()) {
      if (!socket.send(frame, true)) {
        counts.refused(socket.isPeerFull() ? "too-slow" : "no-answer");
        return;
      }
    }
    socket.send(to, answer);
    counts.sent();
  }

  /**
   * Ends those that came and never asked. Some clients never connect again: who has asked may be
   * silent for as long as TCP finds it there.
   */
  @Override
  public void tick() {
    connections.sweep();
    connections.endIdle();
  }
}
