package dev.batuta.gateway.foreign;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.Hosts;
import dev.batuta.gateway.foreign.Framing.Piece;
import dev.batuta.gateway.json.JsonBounds;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;

/**
 * One client over TCP: cuts what it sends into messages, and has each heard when it may be. One
 * that sends more than its limit, or reads less than it is answered, is not read for a while; what
 * had come by then waits here, uncut, so that a great many messages at once hold nobody else up.
 * Belongs to the event loop of the door.
 */
final class TcpClient {
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final NetSocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Clients clients;
  private final HeldBytes.Share room;
  private final HeldBytes.Share roomOfUncut;
  private final Framing framing;
  private final OwedAnswers answers;
  private Runnable goesOn = () -> {};
  private boolean isPaused;
  private boolean isOver;

  /** Runs while it has to read before more of it is heard, else -1. */
  private long patience = -1;

  /**
   * @param held by the messages of all clients of the port
   */
  TcpClient(
      Vertx vertx,
      NetSocket socket,
      DoorSettings settings,
      DoorCounts counts,
      Clients clients,
      HeldBytes held) {
    this.vertx = vertx;
    this.socket = socket;
    this.settings = settings;
    this.counts = counts;
    this.clients = clients;
    this.room = held.share();
    this.roomOfUncut = held.share();
    this.framing = new Framing(settings.maxMessageBytes(), JsonBounds.MAX_DEPTH, room);
    this.answers = new OwedAnswers(vertx, socket);
  }

  /**
   * Begins to read.
   *
   * @param number of no other connection of this door
   */
  Client open(long number, Seat seat) {
    Talk talk =
        new Talk(
            number,
            ForeignPeer.Transport.TCP,
            Hosts.text(socket.remoteAddress()),
            Hosts.text(socket.localAddress()),
            counts,
            this::write,
            answers::answered,
            framing::sawNewline);
    Client opened =
        new Client(
            talk,
            seat,
            () -> Farewell.say(vertx, socket, Buffer.buffer()),
            this::pause,
            settings.messagesPerSecond(),
            Clients.nowMillis());
    goesOn = () -> goOn(opened);
    socket.closeHandler(closed -> closed(opened));
    socket.exceptionHandler(broken -> {}); // it is closed then
    socket.drainHandler(read -> drained(opened));
    clients.opened(opened);
    answers.onEnd(waits -> clients.ended(opened, waits));
    socket.handler(bytes -> take(opened, bytes));
    return opened;
  }

  /** Nothing more is heard of it, whatever has come already. */
  private void closed(Client client) {
    isOver = true;
    vertx.cancelTimer(patience);
    answers.closed();
    room.giveBack();
    roomOfUncut.giveBack();
    clients.closed(client);
  }

  private void take(Client client, Buffer bytes) {
    if (isOver) {
      return;
    }
    framing.feed(bytes.getBytes());
    hear(client);
    if (!roomOfUncut.hold(framing.left())) {
      clients.end(client, full());
    }
  }

  private static Refused full() {
    return Refused.busy(
        "busy",
        "Messages that wait hold all the room that this door has for them; send fewer at once.",
        SOON);
  }

  private void hear(Client client) {
    while (!isPaused && !isOver && !client.closing) {
      if (socket.writeQueueFull()) {
        awaitReader();
        return;
      }
      Optional<Piece> piece = framing.next();
      if (piece.isEmpty()) {
        break;
      }
      client.beganAt = 0;
      answers.asked();
      switch (piece.get()) {
        case Piece.Text(String json) -> clients.said(client, json);
        case Piece.Flaw(Framing.Fault fault) -> clients.flaw(client, fault);
      }
    }
    vertx.cancelTimer(patience);
    patience = -1;
    clients.received(client, framing.isWithin());
  }

  private void goOn(Client client) {
    if (isOver || isPaused) {
      return;
    }
    hear(client);
    roomOfUncut.hold(framing.left());
    if (framing.left() == 0 && !isPaused) {
      socket.resume();
    }
  }

  private void drained(Client client) {
    if (patience >= 0) {
      goOn(client);
    }
  }

  private void pause(boolean paused) {
    isPaused = paused;
    if (paused) {
      answers.paused();
      socket.pause();
    } else {
      goesOn.run();
    }
  }

  private void awaitReader() {
    if (patience < 0) {
      answers.paused();
      socket.pause();
      patience = vertx.setTimer(settings.opening().toMillis(), late -> cutOff());
    }
  }

  /** One that reads so little that an answer, or what comes unasked, has no room is closed. */
  private void write(String message) {
    if (isOver) {
      return;
    }
    if (socket.writeQueueFull()) {
      cutOff();
    } else {
      counts.sent();
      socket.write(message + "\n");
    }
  }

  private void cutOff() {
    isOver = true;
    counts.refused("too-slow");
    Farewell.cutOff(socket);
  }
}
