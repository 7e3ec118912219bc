package dev.batuta.gateway.http;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.MessageBudget;
import dev.batuta.gateway.events.BridgeDialect;
import dev.batuta.gateway.events.BridgeSession;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One client of the event bus over SockJS: its frames, and what bounds them. Belongs to the event
 * loop of its verticle.
 */
final class SockJsClient implements BridgeSession.Wire {
  /** Of what a client has not read. */
  private static final int MAX_UNREAD_CHARACTERS = 4 << 20;

  private static final int MAX_FRAMES_PER_SECOND = 200;

  /** Clients send a ping every 5 s; browsers let the timers of a hidden page run once a minute. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private static final Duration FAREWELL = Duration.ofMillis(500);
  private static final String STOPS = "This node stops; connect to another one.";

  private static final Failure TOO_LARGE =
      new Failure(
          Failure.Kind.TOO_LARGE,
          "too-large",
          "A frame has more than " + EventBridge.MAX_FRAME_BYTES + " bytes; send less.");

  private final Vertx vertx;
  private final SockJSSocket socket;
  private final DoorCounts counts;
  private final BridgeSession session;
  private final Consumer<SockJsClient> closed;
  private final MessageBudget budget = new MessageBudget(MAX_FRAMES_PER_SECOND);
  private long unreadCharacters;
  private long silence = -1;
  private boolean over;
  private boolean refused;
  private boolean hungUp;

  /**
   * @param closed is told once that nothing more comes
   */
  SockJsClient(
      Vertx vertx,
      SockJSSocket socket,
      Gateway gateway,
      DoorCounts counts,
      Consumer<SockJsClient> closed) {
    this.vertx = vertx;
    this.socket = socket;
    this.counts = counts;
    this.closed = closed;
    this.session =
        new BridgeSession(
            vertx,
            gateway,
            BridgeDialect.SOCKJS,
            BridgeSession.Inbound.NOTHING,
            Access.session(socket.routingContext()),
            counts,
            this);
  }

  void open() {
    socket.handler(this::take);
    socket.exceptionHandler(this::broken);
    socket.endHandler(gone -> gone());
    awaitFrame();
  }

  private void awaitFrame() {
    vertx.cancelTimer(silence);
    silence =
        vertx.setTimer(
            SILENCE.toMillis(),
            late ->
                session.end(
                    tooSlow(
                        "No frame came within "
                            + SILENCE.toMillis()
                            + " ms; send a ping now and then.")));
  }

  private static Failure tooSlow(String sentence) {
    return new Failure(Failure.Kind.BUSY, "too-slow", sentence);
  }

  private void take(Buffer frame) {
    if (over) {
      return;
    }
    awaitFrame();
    long nowNanos = System.nanoTime();
    if (budget.take(nowNanos)) {
      session.take(frame);
    } else {
      session.refuse(frame, MAX_FRAMES_PER_SECOND, Duration.ofMillis(budget.leftMillis(nowNanos)));
    }
  }

  /**
   * A message above the limit of the server, in several frames of its WebSocket or in one: by
   * itself the library would leave the socket open, and serve it no more. In the framing of SockJS
   * it ends the session before it says why: nobody can be told.
   */
  private void broken(Throwable why) {
    if (why instanceof IllegalStateException || why instanceof DecoderException) {
      if (hungUp && !refused) {
        refused = true;
        counts.refused(TOO_LARGE.code());
      } else {
        session.end(TOO_LARGE);
      }
    } else {
      hangUp();
      gone();
    }
  }

  private void gone() {
    hungUp = true;
    session.close();
    over();
  }

  /** The node stops. */
  void stop() {
    end(Refused.unavailable("node-stops", STOPS));
  }

  /** Tells it why, and closes it. */
  void end(Refused why) {
    session.end(why.failure());
  }

  @Override
  public void write(JsonObject frame) {
    if (over) {
      return;
    }
    if (unreadCharacters > MAX_UNREAD_CHARACTERS) {
      session.end(tooSlow("This client reads less than comes; connect again."));
      return;
    }
    String text = frame.encode();
    unreadCharacters += text.length();
    socket.write(text).onComplete(done -> unreadCharacters -= text.length());
  }

  /** One that does not read is not waited for. */
  @Override
  public void end(JsonObject frame) {
    refused = true;
    over();
    socket.write(frame.encode()).onComplete(told -> hangUp());
    vertx.setTimer(FAREWELL.toMillis(), late -> hangUp());
  }

  private void over() {
    vertx.cancelTimer(silence);
    if (!over) {
      over = true;
      closed.accept(this);
    }
  }

  private void hangUp() {
    if (!hungUp) {
      hungUp = true;
      socket.close();
    }
  }
}
