package dev.batuta.gateway.http;

import dev.batuta.bus.Trace;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.events.EventHub;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.BridgeEvent;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * SockJS: the same events as SSE, on addresses {@code events.<type>}; nothing comes in. Traces and
 * messages come straight from the event bus. Types that have a state come from the hub, so that a
 * client is never given a state that is older than an event that it has. Belongs to the event loop
 * of its verticle.
 */
final class EventBridge {
  static final String PREFIX = "events.";

  private static final String MESSAGES = PREFIX + "messages";
  private static final String TRACE = PREFIX + EventHub.TRACE;

  private final Vertx vertx;
  private final EventHub hub;
  private final Trace trace;
  private final Map<SockJSSocket, BridgeClient> clients = new HashMap<>();

  EventBridge(Vertx vertx, Gateway gateway) {
    this.vertx = vertx;
    this.hub = gateway.events();
    this.trace = gateway.parts().bus().trace();
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
          case RECEIVE -> stateType(event).isEmpty();
          default -> true;
        };
    SockJSSocket socket = event.socket();
    switch (event.type()) {
      case SOCKET_CREATED -> clients.put(socket, new BridgeClient(vertx, socket, hub));
      case SOCKET_CLOSED, SOCKET_ERROR -> {
        trace.unfollow(socket);
        client(event).ifPresent(BridgeClient::close);
        clients.remove(socket);
      }
      case REGISTER -> {
        if (allowed && address(event).equals(TRACE)) {
          trace.follow(socket);
        }
      }
      case REGISTERED ->
          stateType(event).ifPresent(type -> client(event).ifPresent(c -> c.follow(type)));
      case UNREGISTER -> {
        if (address(event).equals(TRACE)) {
          trace.unfollow(socket);
        }
        stateType(event).ifPresent(type -> client(event).ifPresent(c -> c.leave(type)));
      }
      default -> {
        // nothing to note
      }
    }
    event.complete(allowed);
  }

  private Optional<BridgeClient> client(BridgeEvent event) {
    return Optional.ofNullable(clients.get(event.socket()));
  }

  private static String address(BridgeEvent event) {
    JsonObject message = event.getRawMessage();
    return message == null ? "" : message.getString("address", "");
  }

  /** Which type that has a state this is about, if it is about one. */
  private static Optional<String> stateType(BridgeEvent event) {
    String address = address(event);
    return EventHub.TYPES.stream().filter(type -> address.equals(PREFIX + type)).findFirst();
  }

  private static boolean mayHear(BridgeEvent event) {
    return !address(event).equals(MESSAGES)
        || Access.known(event.socket().routingContext()).isPresent();
  }
}
