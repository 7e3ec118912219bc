package dev.batuta.gateway.events;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.bus.Trace;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.SessionEnd;
import dev.batuta.gateway.json.ExactJson;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Session;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of an event-bus bridge, whatever carries its frames: what it may hear and say, and
 * what it hears. It hears an address once, however often it registers, and nothing after it has
 * gone. Of a type that has a state it first gets the present one, then each change, in their order.
 *
 * <p>A client is known by a token: that of its connection, of a header of a frame, or that it sends
 * to {@link #LOGIN}. When the token is good no more it is told so, and its connection ends.
 *
 * <p>Belongs to the context on which it is made.
 */
public final class BridgeSession {
  /** Where a client sends {@code {token}}, where its bridge takes logins. */
  public static final String LOGIN = "batuta.login";

  /** Frames that wait for one before them, such as for a login. */
  private static final int MAX_WAITING = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(BridgeSession.class);

  /** What carries the frames. */
  public interface Wire {
    void write(JsonObject frame);

    /** Writes the last frame, and ends the connection. */
    void end(JsonObject frame);
  }

  /**
   * What clients of a bridge may say, beside registering.
   *
   * @param takesLogins whether at {@link #LOGIN}
   * @param inbound what else they may send to with a token, and what answers there
   */
  public record Inbound(
      boolean takesLogins, Map<String, BiFunction<Caller, JsonNode, Future<JsonObject>>> inbound) {
    /** Nothing comes in. */
    public static final Inbound NOTHING = new Inbound(false, Map.of());
  }

  private final Vertx vertx;
  private final Context context;
  private final Gateway gateway;
  private final BridgeDialect dialect;
  private final Inbound inbound;
  private final DoorCounts counts;
  private final Wire wire;

  /** What is heard, by address, with what ends it. */
  private final Map<String, Runnable> heard = new HashMap<>();

  private Optional<Session> session = Optional.empty();
  private @Nullable SessionEnd sessionEnd;
  private Future<Void> before = Future.succeededFuture();
  private int waiting;
  private boolean closed;

  /**
   * @param first as whom the connection was opened, if it is known
   * @param counts hears of each frame, and of each refusal
   */
  public BridgeSession(
      Vertx vertx,
      Gateway gateway,
      BridgeDialect dialect,
      Inbound inbound,
      Optional<Session> first,
      DoorCounts counts,
      Wire wire) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.gateway = gateway;
    this.dialect = dialect;
    this.inbound = inbound;
    this.counts = counts;
    this.wire = wire;
    first.ifPresent(this::signIn);
  }

  /** Takes a frame; frames are done in their order. */
  public void take(Buffer said) {
    BridgeFrame frame = read(said);
    if (frame == null) {
      return;
    }
    if (waiting >= MAX_WAITING) {
      String sentence = "Too many frames wait for one before them; wait for its answer.";
      fail(frame, Refused.busy("busy", sentence, Duration.ofSeconds(1)));
      return;
    }
    waiting++;
    before =
        before
            .compose(done -> closed ? Future.succeededFuture() : carryOut(frame))
            .otherwise(error -> fail(frame, error))
            .onComplete(done -> waiting--);
  }

  /**
   * Takes a frame that is one too many: nothing is done of it.
   *
   * @param most that may come within a second
   * @param wait until more are taken
   */
  public void refuse(Buffer said, int most, Duration wait) {
    BridgeFrame frame = read(said);
    if (frame != null) {
      String sentence =
          "More than "
              + most
              + " frames came within a second, and nothing was done of this one; send it again in "
              + wait.toMillis()
              + " ms.";
      fail(frame, Refused.busy("busy", sentence, wait));
    }
  }

  /** One that cannot be read is refused. */
  private @Nullable BridgeFrame read(Buffer said) {
    if (closed) {
      return null;
    }
    counts.received();
    try {
      return BridgeFrame.of(ExactJson.object(said));
    } catch (BridgeFrame.Malformed malformed) {
      String word = String.valueOf(malformed.getMessage());
      refuse(word, dialect.error(word));
    } catch (Refused unreadable) {
      refuse(unreadable.failure().code(), dialect.error(unreadable.failure()));
    }
    return null;
  }

  private @Nullable Void fail(BridgeFrame frame, Throwable error) {
    if (closed) {
      return null;
    }
    Refused why = error instanceof Refused refused ? refused : broken(frame, error);
    refuse(why.failure().code(), dialect.refusal(frame.address(), frame.replyAddress(), why));
    return null;
  }

  private static Refused broken(BridgeFrame frame, Throwable error) {
    LOG.atError().setCause(error).addKeyValue("address", frame.address()).log("a frame failed");
    return new Refused(Failure.Kind.INTERNAL, "internal", "See the log of this node.");
  }

  private void refuse(BridgeFrame frame, String word, String detail) {
    refuse(word, dialect.refusal(frame.address(), frame.replyAddress(), word, detail));
  }

  private void refuse(String word, JsonObject refusal) {
    counts.refused(word.replace('_', '-'));
    write(refusal);
  }

  private void write(JsonObject frame) {
    counts.sent();
    wire.write(frame);
  }

  private Future<Void> carryOut(BridgeFrame frame) {
    Optional<String> token =
        frame.token().filter(given -> session.filter(s -> s.token().equals(given)).isEmpty());
    if (token.isEmpty()) {
      return allowed(frame);
    }
    return logIn(token.get()).compose(known -> allowed(frame));
  }

  private Future<Void> allowed(BridgeFrame frame) {
    if (closed) {
      return Future.succeededFuture(); // It went while its token was read.
    }
    switch (frame.type()) {
      case PING -> dialect.pong().ifPresent(this::write);
      case REGISTER -> register(frame);
      case UNREGISTER -> unregister(frame);
      case SEND -> {
        return send(frame);
      }
      case PUBLISH -> refuse(frame, "access_denied", "Nobody may publish to " + shown(frame) + ".");
    }
    return Future.succeededFuture();
  }

  private static String shown(BridgeFrame frame) {
    return "\"" + Refused.shown(frame.address()) + "\"";
  }

  // --- what it says

  private Future<Void> send(BridgeFrame frame) {
    if (inbound.takesLogins() && frame.address().equals(LOGIN)) {
      JsonNode token = frame.body().path("token");
      return logIn(token.isTextual() ? token.textValue() : "")
          .map(
              known ->
                  new JsonObject()
                      .put("user", known.caller().user())
                      .put("expiresAt", known.expiresAt().toString()))
          .compose(answer -> reply(frame, answer));
    }
    var answers = inbound.inbound().get(frame.address());
    if (answers == null) {
      refuse(frame, "access_denied", "Nobody may send to " + shown(frame) + ".");
      return Future.succeededFuture();
    }
    return session
        .map(known -> answers.apply(known.caller(), frame.body()))
        .orElseGet(() -> Future.failedFuture(missing()))
        .compose(answer -> reply(frame, answer));
  }

  private static Refused missing() {
    return Refused.unauthenticated(
        "token-missing", "The token is missing; send {\"token\": ..} to " + LOGIN + " first.");
  }

  private Future<Void> reply(BridgeFrame frame, JsonObject answer) {
    if (!closed && frame.replyAddress() != null) {
      write(dialect.reply(frame.replyAddress(), answer));
    }
    return Future.succeededFuture();
  }

  private Future<Session> logIn(String token) {
    return gateway.services().logins().session(token).onSuccess(this::signIn);
  }

  private void signIn(Session known) {
    if (sessionEnd != null) {
      sessionEnd.cancel();
    }
    session = Optional.of(known);
    sessionEnd =
        closed ? null : new SessionEnd(vertx, gateway.services().logins(), known, this::end);
  }

  // --- what it hears

  private void register(BridgeFrame frame) {
    String address = frame.address();
    boolean open = gateway.settings().isDemo();
    if (!EventAddresses.mayHear(address, open, session.isPresent())) {
      refuse(
          frame,
          "access_denied",
          EventAddresses.exist(address)
              ? "A token is needed to hear " + shown(frame) + "."
              : "There is nothing to be heard at " + shown(frame) + ".");
    } else if (heard.containsKey(address)) {
      refuse(frame, "address_already_registered", shown(frame) + " is heard on this connection.");
    } else if (address.equals(EventAddresses.MESSAGES) && gateway.parts().messages().isEmpty()) {
      fail(frame, MessageSource.none());
    } else {
      hear(address);
    }
  }

  private void unregister(BridgeFrame frame) {
    Runnable ends = heard.remove(frame.address());
    if (ends == null) {
      refuse(frame, "unknown_address", shown(frame) + " is not heard on this connection.");
    } else {
      ends.run();
    }
  }

  private void hear(String address) {
    if (address.equals(EventAddresses.MESSAGES)) {
      MessageConsumer<Object> consumer =
          vertx.eventBus().localConsumer(address, message -> tell(address, message.body()));
      gateway.events().hearMessages();
      heard.put(
          address,
          () -> {
            gateway.events().hearMessagesNoMore();
            consumer.unregister();
          });
      return;
    }
    EventHub.Subscription subscription =
        gateway
            .events()
            .follow(EventAddresses.type(address), context, event -> tell(address, event.body()));
    heard.put(address, subscription::cancel);
    if (address.equals(EventAddresses.TRACE)) {
      Trace trace = gateway.parts().bus().trace();
      trace.follow(this);
      heard.put(
          address,
          () -> {
            trace.unfollow(this);
            subscription.cancel();
          });
    }
    subscription.first().forEach(event -> tell(address, event.body()));
  }

  /** What is no JSON is left out, and said so: who waits for it would never know. */
  private void tell(String address, Object body) {
    if (closed) {
      return;
    }
    if (body instanceof JsonObject json) {
      write(dialect.event(address, json));
    } else {
      LOG.atError()
          .addKeyValue("address", address)
          .addKeyValue("body", body.getClass().getName())
          .log("an event is no JSON");
      refuse(
          "unreadable_body",
          dialect.refusal(address, null, "unreadable_body", "An event here is no JSON."));
    }
  }

  // --- its end

  /** Tells the client why, and ends its connection. */
  public void end(Failure why) {
    if (!closed) {
      close();
      counts.refused(why.code());
      counts.sent();
      wire.end(dialect.error(why));
    }
  }

  /** It has gone: nothing more is heard. */
  public void close() {
    closed = true;
    if (sessionEnd != null) {
      sessionEnd.cancel();
    }
    heard.values().forEach(Runnable::run);
    heard.clear();
  }
}
