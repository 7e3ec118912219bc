package dev.batuta.gateway;

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

  private final Vertx vertx;
  private final EventHub hub;

  EventBridge(Vertx vertx, EventHub hub) {
    this.vertx = vertx;
    this.hub = hub;
  }

  void bind(Router router) {
    SockJSBridgeOptions options =
        new SockJSBridgeOptions()
            .setMaxAddressLength(64)
            .setMaxHandlersPerSocket(16)
            .addOutboundPermitted(new PermittedOptions().setAddress(MESSAGES));
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
    if (event.type() == BridgeEventType.SOCKET_CREATED) {
      hub.bridged(1);
    } else if (event.type() == BridgeEventType.SOCKET_CLOSED) {
      hub.bridged(-1);
    }
    event.complete(allowed);
    if (event.type() == BridgeEventType.REGISTERED) {
      sendPresent(event);
    }
  }

  private static boolean mayHear(BridgeEvent event) {
    JsonObject message = event.getRawMessage();
    String address = message == null ? "" : message.getString("address", "");
    return !address.equals(MESSAGES) || Access.known(event.socket().routingContext()).isPresent();
  }

  private void sendPresent(BridgeEvent event) {
    JsonObject message = event.getRawMessage();
    String address = message == null ? "" : message.getString("address", "");
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
