package dev.batuta.gateway.http;

import dev.batuta.gateway.SessionEnd;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.identity.Session;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the SockJS bridge: it gets of each type that it registers for the present state,
 * then each change, in their order. When its token expires it is told so, and the socket closed.
 * Belongs to the context of its socket.
 */
final class BridgeClient {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeClient.class);

  private final SockJSSocket socket;
  private final Context context;
  private final EventHub hub;
  private final Optional<SessionEnd> sessionEnd;
  private final Map<String, EventHub.Subscription> followed = new HashMap<>();

  BridgeClient(Vertx vertx, SockJSSocket socket, EventHub hub) {
    this.socket = socket;
    this.context = vertx.getOrCreateContext();
    this.hub = hub;
    this.sessionEnd =
        Access.session(socket.routingContext())
            .map(session -> new SessionEnd(vertx, session, this::expire));
  }

  /** It has registered for a type. */
  void follow(String type) {
    EventHub.Subscription subscription = hub.resume(context, null, event -> hear(type, event));
    followed.put(type, subscription);
    subscription.first().forEach(event -> hear(type, event));
  }

  /** It wants no more of a type. */
  void leave(String type) {
    EventHub.Subscription subscription = followed.remove(type);
    if (subscription != null) {
      subscription.cancel();
    }
  }

  /** It has gone. */
  void close() {
    sessionEnd.ifPresent(SessionEnd::cancel);
    followed.values().forEach(EventHub.Subscription::cancel);
    followed.clear();
  }

  private void expire() {
    JsonObject frame =
        new JsonObject().put("type", "err").put("body", Session.expired().failure().code());
    socket.write(frame.encode()).onComplete(told -> socket.close());
  }

  private void hear(String type, EventHub.Event event) {
    if (!event.type().equals(type)) {
      return;
    }
    String address = EventBridge.PREFIX + type;
    JsonObject frame =
        new JsonObject().put("type", "rec").put("address", address).put("body", event.body());
    socket
        .write(frame.encode())
        .onFailure(
            error -> LOG.atDebug().addKeyValue("address", address).log("a client went away"));
  }
}
