package dev.batuta.gateway.zeromq;

import dev.batuta.bus.OutsideClock;
import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.GatewayParts;
import dev.batuta.gateway.Listening;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.gateway.services.ChatService;
import dev.batuta.gateway.services.ForeignServers;
import dev.batuta.identity.Caller;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The door of ZeroMQ. Its sockets belong to a thread of their own, requests are served on an event
 * loop; both hand over what they have in batches. Names are no credentials here: who may come in is
 * the only lock, and clients act under any name that is registered.
 */
public final class ZeroMqDoor implements Door {
  private final Vertx vertx;
  private final ZeroMqSettings settings;
  private final Gateway gateway;
  private final MessageSource messages;
  private final DoorCounts counts;
  private final Answerer.Node node;
  private final Caller door = Caller.ofDoor("zeromq");
  private final SeenOps seen = new SeenOps();
  private final Map<String, Integer> ports = Collections.synchronizedMap(new LinkedHashMap<>());
  private @Nullable SocketThread thread;
  private @Nullable Context context;
  private @Nullable Publisher publisher;

  /**
   * The door of a node that is a server.
   *
   * @param clocks of clients, one for all doors of a node
   * @param timeMillis the node's corrected time
   */
  public ZeroMqDoor(
      Vertx vertx,
      ZeroMqSettings settings,
      Gateway gateway,
      DoorCounts counts,
      OutsideClock clocks,
      LongSupplier timeMillis) {
    this.vertx = vertx;
    this.settings = settings;
    this.gateway = gateway;
    this.counts = counts;
    GatewayParts parts = gateway.parts();
    this.messages =
        parts
            .messages()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "subscribers hear what a server has: here is none"));
    this.node =
        new Answerer.Node(parts.bus().clock(), clocks, timeMillis, counts, parts.countRequest());
  }

  @Override
  public Future<?> open() {
    Context loop = ((VertxInternal) vertx).createEventLoopContext();
    SocketThread sockets = new SocketThread("zeromq-door");
    context = loop;
    thread = sockets;
    sockets.start();
    ChatService chat = gateway.services().chat();
    ForeignOps foreign = new ForeignOps(chat, door, node.timeMillis(), seen);
    Map<String, Service> messaging =
        new MessagingServices(chat, door, foreign, node.timeMillis()).all();
    Map<String, Service> reference =
        new ReferenceServices(
                new ForeignServers(
                    gateway.parts().bus(), gateway.parts().members(), gateway.settings().answer()),
                foreign,
                counts::refused)
            .all();
    return sockets
        .call(() -> requests(sockets, loop, settings.services(), messaging))
        .compose(port -> listen(sockets, port))
        .compose(open -> sockets.call(() -> publications(sockets, loop, foreign)))
        .compose(port -> listen(sockets, port))
        .compose(open -> sockets.call(() -> subscriptions(sockets)))
        .compose(port -> listen(sockets, port).compose(open -> publish(loop, sockets, port)))
        .compose(
            open -> sockets.call(() -> requests(sockets, loop, settings.reference(), reference)))
        .compose(port -> listen(sockets, port))
        .recover(
            failed ->
                close()
                    .transform(
                        closed -> {
                          ports.clear();
                          return Future.<Integer>failedFuture(failed);
                        }));
  }

  private RequestPort requests(
      SocketThread sockets, Context loop, DoorSettings settings, Map<String, Service> services) {
    RequestPort port = new RequestPort(sockets.context(), settings, counts);
    Turns turns =
        new Turns(
            new Answerer(services, node),
            settings.maxMessageBytes(),
            (asked, answer) -> sockets.run(() -> port.reply(asked, answer)));
    port.giveTo(batch -> loop.runOnContext(here -> batch.forEach(turns::take)));
    return port;
  }

  private PublicationPort publications(SocketThread sockets, Context loop, ForeignOps foreign) {
    PublishedOps ops = new PublishedOps(foreign, node);
    PublicationPort port = new PublicationPort(sockets.context(), settings.publications(), counts);
    port.giveTo(
        batch ->
            loop.runOnContext(
                here ->
                    batch.forEach(came -> ops.take(came).onComplete(stored -> port.done(came)))));
    return port;
  }

  private SubscriptionPort subscriptions(SocketThread sockets) {
    return new SubscriptionPort(sockets.context(), settings.subscriptions(), counts);
  }

  /** What is published from here on reaches whoever subscribes to it. */
  private Future<Void> publish(Context loop, SocketThread sockets, SubscriptionPort port) {
    Promise<Void> begun = Promise.promise();
    Publisher made =
        new Publisher(
            vertx,
            gateway.events(),
            messages,
            door,
            node,
            port,
            seen,
            new PublicationQueue(sockets, port, counts));
    publisher = made;
    loop.runOnContext(
        here -> {
          made.start();
          begun.complete();
        });
    return begun.future();
  }

  private Future<Integer> listen(SocketThread sockets, SocketPort port) {
    DoorSettings settings = port.settings();
    return new Listening(vertx, settings.place())
        .take(() -> sockets.call(() -> port.socket().bind(settings.place())))
        .onSuccess(
            number -> {
              sockets.run(() -> sockets.serve(port));
              ports.put(settings.name(), number);
            });
  }

  @Override
  public Future<?> close() {
    SocketThread sockets = thread;
    Context loop = context;
    Publisher published = publisher;
    thread = null;
    publisher = null;
    if (loop != null && published != null) {
      loop.runOnContext(here -> published.stop());
    }
    return sockets == null ? Future.succeededFuture() : sockets.stop();
  }

  @Override
  public Map<String, Integer> ports() {
    synchronized (ports) {
      return Collections.unmodifiableMap(new LinkedHashMap<>(ports));
    }
  }
}
