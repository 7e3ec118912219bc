package dev.batuta.gateway.http;

import dev.batuta.bus.Trace;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Failure;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.SessionEnd;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.events.EventToken;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.gateway.events.MessageSource.Subscription;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.identity.Session;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client of server-sent events. What it does not take is kept, up to a bound. A client that is
 * slower than that, or of which the source of messages breaks, is told so and dropped, and resumes
 * by its last id; one that was opened with a token is told when that is good no more. Belongs to
 * the context on which it is made.
 */
final class EventStream {
  /** Why the gateway ends a stream; in each case the client is to connect again, and may here. */
  enum End {
    TOO_SLOW(
        "too-slow", "More events wait than this node keeps; connect again with Last-Event-ID."),
    FEED_LOST(
        "feed-lost",
        "This node cannot read its messages any more; connect to another one with Last-Event-ID."),
    NODE_STOPS("node-stops", "This node stops; connect to another one with Last-Event-ID.");

    final String code;
    final String detail;

    End(String code, String detail) {
      this.code = code;
      this.detail = detail;
    }
  }

  private static final int MAX_WAITING = 10_000;
  private static final int MAX_WAITING_CHARACTERS = 4 << 20;
  private static final int WRITE_QUEUE_BYTES = 256 * 1024;

  /** Vert.x keeps up to 16 more chunks when the queue is full. */
  private static final int CHUNK_CHARACTERS = 8 * 1024;

  /** A client that hears nothing for three of them goes to another server. */
  private static final long HEARTBEAT_MILLIS = 4_000;

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final HttpConnection connection;
  private final DoorCounts counts;
  private final MessageTexts texts;
  private final EventHub hub;
  private final Trace trace;
  private final Set<String> types;
  private final LoginService logins;
  private final Optional<Session> session;
  private final Deque<String> waiting = new ArrayDeque<>();
  private int waitingCharacters;
  private EventToken token;
  private EventHub.@Nullable Subscription events;
  private @Nullable Subscription messages;
  private long heartbeat = -1;
  private Optional<SessionEnd> sessionEnd = Optional.empty();
  private @Nullable Consumer<EventStream> whenClosed; // null once it has heard
  private boolean opened;
  private boolean drainDue;
  private boolean closed;

  EventStream(
      Vertx vertx,
      HttpServerRequest request,
      Gateway gateway,
      DoorCounts counts,
      MessageTexts texts,
      Set<String> types,
      Optional<Session> session) {
    this.vertx = vertx;
    this.response = request.response();
    this.connection = request.connection();
    this.counts = counts;
    this.texts = texts;
    this.hub = gateway.events();
    this.trace = gateway.parts().bus().trace();
    this.types = types;
    this.logins = gateway.services().logins();
    this.session = session;
    this.token = new EventToken(hub.incarnation(), hub.sequence(), null);
  }

  /**
   * Sends what a client that has {@code last} lacks, then what comes.
   *
   * @param closing hears once that the stream is over, whoever ended it
   */
  void open(@Nullable EventToken last, Consumer<EventStream> closing) {
    whenClosed = closing;
    response
        .setChunked(true)
        .setWriteQueueMaxSize(WRITE_QUEUE_BYTES)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        .putHeader("X-Accel-Buffering", "no");
    response.drainHandler(drained -> drain());
    response.exceptionHandler(broken -> close());
    response.closeHandler(gone -> close());
    heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, timer -> write(":\n\n"));
    sessionEnd = session.map(known -> new SessionEnd(vertx, logins, known, this::ended));
    response.write("retry: 1000\n" + beginning(last) + "\n");
    EventHub.Subscription followed = hub.resume(vertx.getOrCreateContext(), last, this::changed);
    events = followed;
    followed.first().forEach(this::changed);
    if (closed) {
      return; // what it missed is more than may wait
    }
    if (types.contains(EventHub.TRACE)) {
      trace.follow(this);
    }
    opened = true;
    drain();
  }

  /** The messages that this stream gets, told before it is opened; ended together with it. */
  void delivering(Subscription subscription) {
    messages = subscription;
    if (token.messages() == null) {
      token = new EventToken(token.incarnation(), token.sequence(), subscription.position());
    }
  }

  /** A message that this stream gets, and the position behind it. */
  void message(Posted message, String position) {
    passOver(position);
    counts.sent();
    write(texts.of(message, token));
  }

  /**
   * The line that gives a client without an id its place in the messages at once, so that one whose
   * stream breaks before the first message misses none either. It has no event by then: the present
   * states come again.
   */
  private String beginning(@Nullable EventToken last) {
    return last == null && messages != null
        ? "id: " + new EventToken(0, 0, messages.position()).encode() + "\n"
        : "";
  }

  /** The position behind a message that this stream does not get. */
  void passOver(String position) {
    token = new EventToken(token.incarnation(), token.sequence(), position);
  }

  /**
   * Ends the stream by the event {@code end}, which says why. It has no id, and what waits is left
   * out: the client goes on behind the last event that it got.
   */
  void end(End reason) {
    end(reason.code, reason.detail);
  }

  /** No more messages come: the client's place is not to be found, or it has another cause. */
  void lose(Throwable why) {
    MessageSource.positionLost(why).ifPresentOrElse(this::ended, () -> end(End.FEED_LOST));
  }

  private void ended(Failure why) {
    end(why.code(), why.message());
  }

  private void end(String code, String detail) {
    if (!closed) {
      closed = true;
      waiting.clear();
      release();
      JsonObject body = new JsonObject().put("code", code).put("detail", detail);
      response.write("event: end\ndata: " + body.encode() + "\n\n");
      // Ends with the connection; one that takes nothing at all is closed by the idle time-out. The
      // close handler of a response that has ended is not called.
      response
          .end()
          .onComplete(
              ended -> {
                connection.close();
                close();
              });
    }
  }

  private void changed(EventHub.Event event) {
    token = new EventToken(hub.incarnation(), event.sequence(), token.messages());
    if (types.contains(event.type())) {
      event(event.type(), event.body());
    }
  }

  private void event(String type, JsonObject body) {
    counts.sent();
    write(text(type, token, body.encode()));
  }

  static String text(String type, EventToken token, String body) {
    return "event: " + type + "\nid: " + token.encode() + "\ndata: " + body + "\n\n";
  }

  private void write(String text) {
    if (closed) {
      return;
    }
    waiting.addLast(text);
    waitingCharacters += text.length();
    if (isOverfull()) {
      drain();
    }
    if (isOverfull()) {
      counts.refused(End.TOO_SLOW.code);
      end(End.TOO_SLOW);
    } else if (!drainDue) {
      drainDue = true;
      vertx.runOnContext(
          turnOver -> {
            drainDue = false;
            drain();
          });
    }
  }

  private boolean isOverfull() {
    return waiting.size() > MAX_WAITING || waitingCharacters > MAX_WAITING_CHARACTERS;
  }

  /**
   * Writes what came in a turn of the event loop as few chunks: each costs a call of the system.
   */
  private void drain() {
    StringBuilder chunk = new StringBuilder();
    while (opened && !closed && !waiting.isEmpty() && !response.writeQueueFull()) {
      while (!waiting.isEmpty() && chunk.length() < CHUNK_CHARACTERS) {
        chunk.append(waiting.removeFirst());
      }
      waitingCharacters -= chunk.length();
      response.write(chunk.toString());
      chunk.setLength(0);
    }
  }

  private void close() {
    if (!closed) {
      closed = true;
      release();
    }
    Consumer<EventStream> told = whenClosed;
    whenClosed = null;
    if (told != null) {
      told.accept(this);
    }
  }

  private void release() {
    vertx.cancelTimer(heartbeat);
    sessionEnd.ifPresent(SessionEnd::cancel);
    if (events != null) {
      events.cancel();
    }
    trace.unfollow(this);
    if (messages != null) {
      messages.cancel();
    }
  }
}
