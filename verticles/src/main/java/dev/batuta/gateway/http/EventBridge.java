package dev.batuta.gateway.http;

import dev.batuta.bus.Trace;
import dev.batuta.gateway.events.EventHub;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.BridgeEventType;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.BridgeEvent;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SockJS: the same events as SSE, on addresses {@code events.<type>}; nothing comes in. */
final class EventBridge {
  private static final Logger LOG = LoggerFactory.getLogger(EventBridge.class);
  private static final String MESSAGES = "events.messages";
  private static final String PREFIX = "events.";
  private static final String TRACE = PREFIX + EventHub.TRACE;

  private final Vertx vertx;
  private final EventHub hub;
  private final Trace trace;

  EventBridge(Vertx vertx, EventHub hub, Trace trace) {
    this.vertx = vertx;
    this.hub = hub;
    this.trace = trace;
  }

  void bind(Router router) {
    SockJSBridgeOptions options =
        new SockJSBridgeOptions()
            .setMaxAddressLength(64)
            .setMaxHandlersPerSocket(16)
            .addOutboundPermitted(new PermittedOptions().setAddress(MESSAGES))
            .addOutboundPermitted(new PermittedOptions().setAddress(TRACE));
    EventHub.TYPES.forEach(
        type -> options.addOutboundPermitted(new PermittedOptions().setAddress(PREFIX + type)));
    SockJSHandler sockJs =
        SockJSHandler.create(
            vertx, new SockJSHandlerOptions().setRegisterWriteHandler(false).setOrigin(null));
    router.route("/eventbus/*").subRouter(sockJs.bridge(options, this::decide));
  }

  private void decide(BridgeEvent event) {
    boolean allowed =
        switch (event.type()) {
          case SEND, PUBLISH -> false;
          case REGISTER -> mayHear(event);
          default -> true;
        };
    switch (event.type()) {
      case SOCKET_CREATED -> hub.bridged(1);
      case SOCKET_CLOSED -> {
        hub.bridged(-1);
        trace.unfollow(event.socket());
      }
      case REGISTER -> {
        if (allowed && address(event).equals(TRACE)) {
          trace.follow(event.socket());
        }
      }
      case UNREGISTER -> {
        if (address(event).equals(TRACE)) {
          trace.unfollow(event.socket());
        }
      }
      default -> {
        // nothing to count
      }
    }
    event.complete(allowed);
    if (event.type() == BridgeEventType.REGISTERED) {
      sendPresent(event);
    }
  }

  private static String address(BridgeEvent event) {
    JsonObject message = event.getRawMessage();
    return message == null ? "" : message.getString("address", "");
  }

  private static boolean mayHear(BridgeEvent event) {
    return !address(event).equals(MESSAGES)
        || Access.known(event.socket().routingContext()).isPresent();
  }

  private void sendPresent(BridgeEvent event) {
    String address = address(event);
    if (!address.startsWith(PREFIX)) {
      return;
    }
    for (EventHub.Event state : hub.present(address.substring(PREFIX.length()))) {
      JsonObject frame =
          new JsonObject().put("type", "rec").put("address", address).put("body", state.body());
      event
          .socket()
          .write(frame.encode())
          .onFailure(
              error -> LOG.atDebug().addKeyValue("address", address).log("a client went away"));
    }
  }
}
