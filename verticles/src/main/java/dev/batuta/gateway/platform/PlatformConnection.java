package dev.batuta.gateway.platform;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Farewell;
import dev.batuta.gateway.HalfClosure;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.json.LengthPrefixed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection, for one exchange: a frame comes, an answer goes, and it is closed. What comes
 * beyond that frame is not read; a client may end its side after it, and is answered all the same.
 * Belongs to the event loop of its verticle.
 */
final class PlatformConnection {
  private static final Logger LOG = LoggerFactory.getLogger(PlatformConnection.class);

  /** Clients wait 5 s. */
  private static final Duration ANSWERED_WITHIN = Duration.ofMillis(4_500);

  private static final Failure BROKEN_OFF =
      new Failure(
          Failure.Kind.INVALID,
          "malformed-json",
          "The connection ended before the frame was whole; send as many bytes as it says.");

  private final Vertx vertx;
  private final NetSocket socket;
  private final DoorCounts counts;
  private final Duration patience;
  private final Duration idle;
  private final Failure late;
  private final HeldBytes.Share room;
  private final LengthPrefixed reader;
  private Function<Buffer, Future<JsonObject>> exchange = frame -> Future.succeededFuture();
  private long timer = -1;
  private boolean asked;
  private boolean answered;

  /**
   * @param maxBytes of a frame
   * @param patience within which a whole frame has to come
   * @param idle within which the answer has to be read
   * @param late what a client is told of which none came
   * @param room for its frame, until it is closed
   */
  PlatformConnection(
      Vertx vertx,
      NetSocket socket,
      int maxBytes,
      Duration patience,
      Duration idle,
      Failure late,
      HeldBytes.Share room,
      DoorCounts counts) {
    this.vertx = vertx;
    this.socket = socket;
    this.counts = counts;
    this.patience = patience;
    this.idle = idle;
    this.late = late;
    this.room = room;
    this.reader = new LengthPrefixed(maxBytes, room);
  }

  /**
   * Reads it.
   *
   * @param answers a frame, or fails
   * @param closed is told once that it is closed
   */
  void open(Function<Buffer, Future<JsonObject>> answers, Runnable closed) {
    exchange = answers;
    HalfClosure.allow(vertx, socket, this::ended);
    timer = vertx.setTimer(patience.toMillis(), over -> refuse(late));
    socket.handler(this::read);
    socket.exceptionHandler(broken -> socket.close());
    socket.closeHandler(
        gone -> {
          vertx.cancelTimer(timer);
          room.giveBack();
          closed.run();
        });
  }

  private void read(Buffer piece) {
    if (asked) {
      return;
    }
    try {
      reader.feed(piece);
      Optional<Buffer> frame = reader.next();
      frame.ifPresent(this::answer);
    } catch (Refused refused) {
      refuse(refused.failure());
    }
  }

  /** The client sends nothing more. */
  private void ended() {
    if (!asked && reader.isEmpty()) {
      asked = true;
      socket.close();
    } else {
      refuse(BROKEN_OFF);
    }
  }

  private void answer(Buffer frame) {
    asked = true;
    counts.received();
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(ANSWERED_WITHIN.toMillis(), over -> end(refusal(noAnswer())));
    Future.succeededFuture(frame)
        .compose(exchange)
        .otherwise(PlatformConnection::refusal)
        .onSuccess(this::end);
  }

  private static Refused noAnswer() {
    return Refused.unknown("no-answer", "No server answered in time: it may have happened.");
  }

  private static JsonObject refusal(Throwable error) {
    if (error instanceof Refused refused) {
      return PlatformJson.refused(refused.failure());
    }
    LOG.atError().setCause(error).log("an exchange failed");
    return PlatformJson.refused("internal").put("message", "See the log of this node.");
  }

  /** Tells it why nothing is done of what may not have come whole, and closes it. */
  void refuse(Failure why) {
    if (!asked) {
      asked = true;
      vertx.cancelTimer(timer);
      Farewell.say(vertx, socket, counted(PlatformJson.refused(why)));
    }
  }

  private void end(JsonObject answer) {
    if (!answered) {
      answered = true;
      vertx.cancelTimer(timer);
      socket.end(counted(answer));
      timer = vertx.setTimer(idle.toMillis(), over -> Farewell.cutOff(socket));
    }
  }

  private Buffer counted(JsonObject answer) {
    if (!answer.getBoolean("ok")) {
      counts.refused(answer.getString("error", "login_failed").replace('_', '-'));
    }
    counts.sent();
    return LengthPrefixed.frame(answer);
  }
}
