package dev.batuta.gateway.http;

import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.events.EventHub;
import dev.batuta.gateway.events.EventToken;
import dev.batuta.gateway.events.MessageAccess;
import dev.batuta.gateway.events.MessageSource;
import dev.batuta.gateway.http.EventStream.End;
import dev.batuta.messaging.MessageFilter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Server-sent events. Belongs to the event loop of its verticle, as its streams do. */
final class EventRoutes {
  private static final String MESSAGES = "messages";

  private final Vertx vertx;
  private final Gateway gateway;
  private final DoorCounts counts;
  private final MessageTexts texts = new MessageTexts();
  private final Optional<MessageSource> source;
  private final int maxStreams;
  private final Set<EventStream> streams = new HashSet<>();

  /** Streams that count already, though what they wait for is not answered. */
  private int opening;

  EventRoutes(Vertx vertx, Gateway gateway, DoorCounts counts, int maxStreams) {
    this.vertx = vertx;
    this.gateway = gateway;
    this.counts = counts;
    this.source = gateway.parts().messages();
    this.maxStreams = maxStreams;
  }

  void bind(RouterBuilder builder) {
    builder
        .getRoute("events")
        .addHandler(
            rc -> {
              try {
                open(rc);
              } catch (RuntimeException refused) {
                rc.fail(refused);
              }
            });
  }

  /** The node leaves: clients connect to another one. */
  void stop() {
    Set.copyOf(streams).forEach(stream -> stream.end(End.NODE_STOPS));
  }

  private void open(RoutingContext rc) {
    Set<String> types = types(rc);
    MessageFilter filter = filter(rc);
    EventToken last =
        Optional.ofNullable(rc.request().getHeader("Last-Event-ID"))
            .filter(text -> !text.isEmpty())
            .map(EventRoutes::token)
            .orElse(null);
    if (streams.size() + opening >= maxStreams) {
      throw Refused.busy(
          "too-many-streams",
          "This node has " + maxStreams + " streams of events; use another node.",
          Duration.ofSeconds(10));
    }
    // A place is taken from here on, and given back once, however the opening ends.
    opening++;
    Future.succeededFuture()
        .compose(placed -> open(rc, types, filter, last))
        .onComplete(opened -> opening--)
        .onFailure(rc::fail);
  }

  private Future<Void> open(
      RoutingContext rc, Set<String> types, MessageFilter filter, @Nullable EventToken last) {
    if (rc.response().closed()) {
      return Future.succeededFuture();
    }
    EventStream stream =
        new EventStream(vertx, rc.request(), gateway, counts, texts, types, Access.session(rc));
    // Without messages a filter narrows nothing, and strangers do not learn which names there are.
    if (types.contains(MESSAGES)) {
      return subscribe(rc, stream, filter, last);
    }
    start(stream, last);
    return Future.succeededFuture();
  }

  /** Opens a stream with messages, unless their source does not answer in time. */
  private Future<Void> subscribe(
      RoutingContext rc, EventStream stream, MessageFilter filter, @Nullable EventToken last) {
    Context here = vertx.getOrCreateContext();
    Promise<Void> started = Promise.promise();
    long timer = vertx.setTimer(patienceMillis(), late -> started.tryFail(starting()));
    source
        .orElseThrow()
        .subscribe(last == null ? null : last.messages(), filter, listener(stream))
        .onComplete(
            subscription -> {
              // It comes too late for a client that has gone, or was refused.
              if (rc.response().closed() || started.future().isComplete()) {
                subscription.cancel();
              } else {
                stream.delivering(subscription);
                start(stream, last);
                subscription.ended().onFailure(why -> here.runOnContext(lost -> stream.lose(why)));
              }
              started.tryComplete();
            },
            started::tryFail);
    return started.future().onComplete(done -> vertx.cancelTimer(timer));
  }

  /** Within which the source of the messages has to answer. */
  private long patienceMillis() {
    return gateway.settings().answer().toMillis();
  }

  private static Refused starting() {
    return Refused.unavailable(
        "server-starting", "The messages of this server are not open yet; use another one.");
  }

  private static MessageSource.Listener listener(EventStream stream) {
    return new MessageSource.Listener() {
      @Override
      public void hear(Posted message, Supplier<String> place) {
        stream.message(message, place.get());
      }

      @Override
      public void passOver(String position) {
        stream.passOver(position);
      }
    };
  }

  private void start(EventStream stream, @Nullable EventToken last) {
    streams.add(stream);
    stream.open(last, streams::remove);
  }

  /** Strangers get no messages, whatever they name. */
  private static MessageFilter filter(RoutingContext rc) {
    String channel = rc.queryParams().get("channel");
    String user = rc.queryParams().get("user");
    return Access.known(rc)
        .map(caller -> MessageAccess.filter(caller, channel, user))
        .orElseGet(MessageFilter.Channels::new);
  }

  private Set<String> types(RoutingContext rc) {
    boolean hasToken = Access.known(rc).isPresent();
    String given = rc.queryParams().get("types");
    Set<String> types = new LinkedHashSet<>();
    if (given == null || given.isBlank()) {
      types.addAll(EventHub.TYPES);
      if (hasToken && source.isPresent()) {
        types.add(MESSAGES);
      }
      return types;
    }
    for (String type : List.of(given.split(",", -1))) {
      String name = type.strip();
      if (!List.of(MESSAGES, EventHub.TRACE).contains(name) && !EventHub.TYPES.contains(name)) {
        throw Refused.invalid(
            "unknown-type",
            "types has \""
                + Refused.shown(name)
                + "\"; use "
                + String.join(", ", EventHub.TYPES)
                + ", "
                + EventHub.TRACE
                + " or "
                + MESSAGES
                + ".");
      }
      types.add(name);
    }
    if (types.contains(MESSAGES) && !hasToken) {
      throw Access.missing();
    }
    if (types.contains(MESSAGES) && source.isEmpty()) {
      throw MessageSource.none();
    }
    return types;
  }

  private static EventToken token(String text) {
    return EventToken.decode(text)
        .orElseThrow(
            () ->
                Refused.invalid(
                    "invalid-parameter",
                    "Last-Event-ID \""
                        + Refused.shown(text)
                        + "\" is not the id of an event; leave it out to start anew."));
  }
}
