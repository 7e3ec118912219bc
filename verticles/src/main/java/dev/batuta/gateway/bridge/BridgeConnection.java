package dev.batuta.gateway.bridge;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.ConnectionLimit.Seat;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.MessageBudget;
import dev.batuta.gateway.events.BridgeDialect;
import dev.batuta.gateway.events.BridgeSession;
import dev.batuta.gateway.json.LengthPrefixed;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection: its frames, and what bounds them. A client that sends too many is told to wait,
 * and not read for the rest of a second; one that reads too few of its events is told, and closed.
 * Belongs to the event loop of its verticle.
 */
final class BridgeConnection implements BridgeSession.Wire {
  /** Of events that a client has not read. */
  private static final int MAX_UNREAD_BYTES = 4 << 20;

  private static final String STOPS = "This node stops; connect to another one.";

  private final Vertx vertx;
  private final NetSocket socket;
  private final DoorSettings settings;
  private final DoorCounts counts;
  private final BridgeSession session;
  private final HeldBytes.Share room;
  private final LengthPrefixed reader;
  private final MessageBudget budget;
  private final Promise<Void> closed = Promise.promise();
  private @Nullable Seat seat;
  private long silence = -1;
  private boolean waits;
  private boolean over;

  /**
   * @param room for frames that it has sent in part
   */
  BridgeConnection(
      Vertx vertx,
      NetSocket socket,
      DoorSettings settings,
      HeldBytes.Share room,
      Gateway gateway,
      DoorCounts counts) {
    this.vertx = vertx;
    this.socket = socket;
    this.settings = settings;
    this.counts = counts;
    this.room = room;
    this.reader = new LengthPrefixed(settings.maxMessageBytes(), room);
    this.budget = new MessageBudget(settings.messagesPerSecond());
    this.session =
        new BridgeSession(
            vertx,
            gateway,
            BridgeDialect.TCP,
            new TaskAddresses(gateway).inbound(),
            Optional.empty(),
            counts,
            this);
  }

  /** Completes when it is closed. */
  Future<Void> closed() {
    return closed.future();
  }

  /**
   * @param seat its own
   */
  void open(Seat seat) {
    this.seat = seat;
    counts.opened();
    socket.setWriteQueueMaxSize(MAX_UNREAD_BYTES);
    socket.handler(this::read);
    socket.exceptionHandler(broken -> socket.close());
    socket.closeHandler(
        gone -> {
          over = true;
          vertx.cancelTimer(silence);
          session.close();
          room.giveBack();
          seat.left();
          counts.closed();
          closed.complete();
        });
    awaitFrame(settings.opening());
  }

  /** The node stops. */
  void stop() {
    end(Refused.unavailable("node-stops", STOPS));
  }

  /** Tells it why, and closes it. */
  void end(Refused why) {
    session.end(why.failure());
  }

  private void awaitFrame(Duration patience) {
    vertx.cancelTimer(silence);
    silence =
        vertx.setTimer(
            patience.toMillis(),
            late ->
                session.end(
                    new Failure(
                        Failure.Kind.BUSY,
                        "too-slow",
                        "No frame came within "
                            + patience.toMillis()
                            + " ms; send a ping now and then.")));
  }

  private void read(Buffer piece) {
    try {
      reader.feed(piece);
    } catch (Refused full) {
      end(full);
      return;
    }
    readFrames();
  }

  private void readFrames() {
    try {
      while (!over && !waits) {
        Optional<Buffer> frame = reader.next();
        if (frame.isEmpty()) {
          return;
        }
        take(frame.get());
      }
    } catch (Refused tooLarge) {
      end(tooLarge);
    }
  }

  private void take(Buffer frame) {
    awaitFrame(settings.idle());
    if (seat != null) {
      seat.spoke();
    }
    if (budget.take(System.nanoTime())) {
      session.take(frame);
    } else {
      waitABit(frame);
    }
  }

  /** Nothing is done of the frame that was one too many, and it is the last one for now. */
  private void waitABit(Buffer frame) {
    waits = true;
    socket.pause();
    long leftMillis = budget.leftMillis(System.nanoTime());
    session.refuse(frame, settings.messagesPerSecond(), Duration.ofMillis(leftMillis));
    vertx.setTimer(
        leftMillis,
        later -> {
          waits = false;
          if (!over) {
            readFrames();
            if (!waits) {
              socket.resume();
            }
          }
        });
  }

  @Override
  public void write(JsonObject frame) {
    if (over) {
      return;
    }
    if (socket.writeQueueFull()) {
      session.end(
          new Failure(
              Failure.Kind.BUSY, "too-slow", "This client reads less than comes; connect again."));
      return;
    }
    socket.write(LengthPrefixed.frame(frame));
  }

  @Override
  public void end(JsonObject frame) {
    over = true;
    Farewell.say(vertx, socket, LengthPrefixed.frame(frame));
  }
}
