package dev.batuta.gateway.http;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.HeldFrames;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.util.HashSet;
import java.util.Set;

/**
 * The event bus over SockJS: the same events as SSE, on addresses {@code events.<type>}; nothing
 * comes in. The library carries what is said, and no more: its own bridge (vertx-web 5.0.10)
 * refuses without naming what, and shows nobody the frames that it refuses. Belongs to the event
 * loop of its verticle.
 */
final class EventBridge {
  /** Of what a client says at once, in one frame of its WebSocket or in several. */
  static final int MAX_FRAME_BYTES = 256 << 10;

  private final Vertx vertx;
  private final Gateway gateway;
  private final HeldBytes held;
  private final DoorCounts counts;
  private final Set<SockJsClient> clients = new HashSet<>();

  EventBridge(Vertx vertx, Gateway gateway, HeldBytes held, DoorCounts counts) {
    this.vertx = vertx;
    this.gateway = gateway;
    this.held = held;
    this.counts = counts;
  }

  void bind(Router router) {
    SockJSHandler sockJs =
        SockJSHandler.create(
            vertx, new SockJSHandlerOptions().setRegisterWriteHandler(false).setOrigin(null));
    router.route("/eventbus/*").subRouter(sockJs.socketHandler(this::connected));
  }

  private void connected(SockJSSocket socket) {
    SockJsClient client = new SockJsClient(vertx, socket, gateway, counts, clients::remove);
    clients.add(client);
    HeldBytes.Share room = held.share();
    HeldFrames.watch(
        vertx, socket.routingContext().request().connection(), room, () -> client.end(room.full()));
    client.open();
  }

  /** The node stops: those who are there are told. */
  void stop() {
    Set.copyOf(clients).forEach(SockJsClient::stop);
  }
}
