package dev.batuta.gateway.foreign;

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
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One client over TCP: cuts what it sends into messages, and has them heard as fast as it may send
 * and reads. What came with the last bytes beyond that waits here, and nothing more is read
 * meanwhile, so that who sends a great many at once is as slow as its limit and holds nobody up.
 * Belongs to the event loop of the door.
 */
final class TcpClient {
  private final Vertx vertx;
  private final NetSocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final Clients clients;
  private final HeldBytes.Share room;
  private final HeldBytes.Share roomOfWaiting;
  private final Framing framing;
  private final OwedAnswers answers;
  private final Queue<Piece> waiting = new ArrayDeque<>();
  private Runnable goesOn = () -> {};
  private boolean isPaused;
  private boolean isCutOff;

  /** Until it has read enough, -1 while it reads. */
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
    this.roomOfWaiting = held.share();
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
    socket.closeHandler(closed -> closed(opened));
    socket.exceptionHandler(broken -> {}); // it is closed then
    socket.drainHandler(read -> goOn(opened));
    clients.opened(opened);
    answers.onEnd(waits -> clients.ended(opened, waits));
    socket.handler(bytes -> take(opened, bytes));
    goesOn = () -> goOn(opened);
    return opened;
  }

  private void closed(Client client) {
    vertx.cancelTimer(patience);
    answers.closed();
    waiting.clear();
    room.giveBack();
    roomOfWaiting.giveBack();
    clients.closed(client);
  }

  private void take(Client client, Buffer bytes) {
    waiting.addAll(framing.take(bytes.getBytes()));
    hear(client);
    clients.received(client, framing.isWithin());
    if (!waiting.isEmpty() && !roomOfWaiting.hold(bytes.length())) {
      clients.end(client, roomOfWaiting.full());
    }
  }

  private void hear(Client client) {
    while (!waiting.isEmpty() && !isPaused && !isCutOff) {
      if (socket.writeQueueFull()) {
        awaitReader();
        return;
      }
      answers.asked();
      switch (waiting.remove()) {
        case Piece.Text(String json) -> clients.said(client, json);
        case Piece.Flaw(Framing.Fault fault) -> clients.flaw(client, fault);
      }
    }
    vertx.cancelTimer(patience);
    patience = -1;
    if (waiting.isEmpty()) {
      roomOfWaiting.giveBack();
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

  private void goOn(Client client) {
    hear(client);
    if (waiting.isEmpty() && !isPaused && !isCutOff) {
      socket.resume();
    }
  }

  private void awaitReader() {
    if (patience < 0) {
      answers.paused();
      socket.pause();
      patience = vertx.setTimer(settings.opening().toMillis(), late -> cutOff("too-slow"));
    }
  }

  /** One that does not read what comes without being asked for is closed. */
  private void write(String message) {
    if (isCutOff) {
      return;
    }
    if (socket.writeQueueFull()) {
      cutOff("too-slow");
    } else {
      counts.sent();
      socket.write(message + "\n");
    }
  }

  private void cutOff(String why) {
    isCutOff = true;
    counts.refused(why);
    Farewell.cutOff(socket);
  }
}
