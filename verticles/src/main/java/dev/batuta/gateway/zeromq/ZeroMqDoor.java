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
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door of ZeroMQ. Its sockets belong to a thread of their own, requests are served on an event
 * loop; both hand over what they have in batches. Names are no credentials here: who may come in is
 * the only lock, and clients act under any name that is registered.
 */
public final class ZeroMqDoor implements Door {
  private static final Logger LOG = LoggerFactory.getLogger(ZeroMqDoor.class);

  private final Vertx vertx;
  private final ZeroMqSettings settings;
  private final Gateway gateway;
  private final MessageSource messages;
  private final Map<String, DoorCounts> counts;
  private final OutsideClock clocks;
  private final LongSupplier timeMillis;
  private final Caller door = Caller.ofDoor("zeromq");
  private final SeenOps seen = new SeenOps();
  private final Map<String, Integer> ports = Collections.synchronizedMap(new LinkedHashMap<>());
  private @Nullable SocketThread thread;
  private @Nullable Context context;
  private @Nullable Publisher publisher;

  /**
   * The door of a node that is a server.
   *
   * @param counts of each port, by its name
   * @param clocks of clients, one for all doors of a node
   * @param timeMillis the node's corrected time
   */
  public ZeroMqDoor(
      Vertx vertx,
      ZeroMqSettings settings,
      Gateway gateway,
      Map<String, DoorCounts> counts,
      OutsideClock clocks,
      LongSupplier timeMillis) {
    this.vertx = vertx;
    this.settings = settings;
    this.gateway = gateway;
    this.counts = counts;
    this.clocks = clocks;
    this.timeMillis = timeMillis;
    this.messages =
        gateway
            .parts()
            .messages()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "subscribers hear what a server has: here is none"));
  }

  @Override
  public Future<?> open() {
    Context loop = ((VertxInternal) vertx).createEventLoopContext();
    SocketThread sockets = new SocketThread("zeromq-door", settings.key().orElse(null));
    context = loop;
    thread = sockets;
    sockets.start();
    ChatService chat = gateway.services().chat();
    ForeignOps foreign = new ForeignOps(chat, door, timeMillis, seen);
    Map<String, Service> messaging = new MessagingServices(chat, door, foreign, timeMillis).all();
    Map<String, Service> reference =
        new ReferenceServices(
                new ForeignServers(
                    gateway.parts().bus(), gateway.parts().members(), gateway.settings().answer()),
                foreign,
                counts(settings.reference())::refused)
            .all();
    settings
        .key()
        .ifPresent(
            key ->
                LOG.atInfo()
                    .addKeyValue("publicKey", key.publicKey())
                    .log("ZeroMQ speaks CURVE and nothing else"));
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

  private DoorCounts counts(DoorSettings port) {
    return Objects.requireNonNull(counts.get(port.name()), port.name());
  }

  private Answerer.Node node(DoorSettings port) {
    GatewayParts parts = gateway.parts();
    return new Answerer.Node(
        parts.bus().clock(), clocks, timeMillis, counts(port), parts.countRequest());
  }

  private RequestPort requests(
      SocketThread sockets, Context loop, DoorSettings settings, Map<String, Service> services) {
    RequestPort port = new RequestPort(sockets.context(), settings, counts(settings));
    Turns turns =
        new Turns(
            new Answerer(services, node(settings)),
            settings.maxMessageBytes(),
            (asked, answer) -> sockets.run(() -> port.reply(asked, answer)));
    port.giveTo(batch -> loop.runOnContext(here -> batch.forEach(turns::take)));
    return port;
  }

  private PublicationPort publications(SocketThread sockets, Context loop, ForeignOps foreign) {
    DoorSettings place = settings.publications();
    PublishedOps ops = new PublishedOps(foreign, node(place));
    PublicationPort port = new PublicationPort(sockets.context(), place, counts(place));
    port.giveTo(
        batch ->
            loop.runOnContext(
                here ->
                    batch.forEach(came -> ops.take(came).onComplete(stored -> port.done(came)))));
    return port;
  }

  private SubscriptionPort subscriptions(SocketThread sockets) {
    DoorSettings place = settings.subscriptions();
    return new SubscriptionPort(sockets.context(), place, counts(place));
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
            node(port.settings()),
            port,
            seen,
            new PublicationQueue(sockets, port, counts(port.settings())));
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
