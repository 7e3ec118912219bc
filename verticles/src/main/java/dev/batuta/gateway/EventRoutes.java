package dev.batuta.gateway;

import dev.batuta.bus.Trace;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.MessageSource.Subscription;
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
import org.jspecify.annotations.Nullable;

/** Server-sent events. */
final class EventRoutes {
  private static final String MESSAGES = "messages";
  private static final int MAX_STREAMS = 2_000;

  private final Vertx vertx;
  private final EventHub hub;
  private final Trace trace;
  private final Optional<MessageSource> source;
  private final Set<EventStream> streams = new HashSet<>();

  /** Streams that count already, though what they wait for is not answered. */
  private int opening;

  EventRoutes(Vertx vertx, EventHub hub, Trace trace, Optional<MessageSource> source) {
    this.vertx = vertx;
    this.hub = hub;
    this.trace = trace;
    this.source = source;
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
    Set.copyOf(streams).forEach(stream -> stream.end("this node stops; connect to another one"));
  }

  private void open(RoutingContext rc) {
    Set<String> types = types(rc);
    String channel = rc.queryParams().get("channel");
    if (streams.size() + opening >= MAX_STREAMS) {
      throw Refusals.busy(
          "too-many-streams",
          "This node has " + MAX_STREAMS + " streams of events; use another node.",
          Duration.ofSeconds(10));
    }
    EventToken last =
        Optional.ofNullable(rc.request().getHeader("Last-Event-ID"))
            .filter(text -> !text.isEmpty())
            .map(EventRoutes::token)
            .orElse(null);
    opening++;
    open(rc, types, channel, last).onComplete(opened -> opening--).onFailure(rc::fail);
  }

  private Future<Void> open(
      RoutingContext rc, Set<String> types, @Nullable String channel, @Nullable EventToken last) {
    if (rc.response().closed()) {
      return Future.succeededFuture();
    }
    EventStream stream = new EventStream(vertx, rc.request(), hub, trace, types);
    // Without messages a channel narrows nothing, and strangers do not learn which ones there are.
    if (!types.contains(MESSAGES)) {
      start(stream, last);
      return Future.succeededFuture();
    }
    String position = last == null ? null : last.messages();
    Context here = vertx.getOrCreateContext();
    Promise<Void> started = Promise.promise();
    source
        .orElseThrow()
        .subscribe(position, channel, listener(stream, here))
        .onComplete(
            subscription ->
                here.runOnContext(
                    on -> {
                      start(rc, stream, subscription, last);
                      started.complete();
                    }),
            error -> here.runOnContext(on -> started.fail(error)));
    return started.future();
  }

  private static MessageSource.Listener listener(EventStream stream, Context here) {
    return new MessageSource.Listener() {
      @Override
      public void hear(Posted message, String position) {
        here.runOnContext(on -> stream.message(message, position));
      }

      @Override
      public void passOver(String position) {
        here.runOnContext(on -> stream.passOver(position));
      }
    };
  }

  private void start(
      RoutingContext rc, EventStream stream, Subscription subscription, @Nullable EventToken last) {
    if (rc.response().closed()) {
      subscription.cancel();
      return;
    }
    stream.delivering(subscription);
    start(stream, last);
  }

  private void start(EventStream stream, @Nullable EventToken last) {
    streams.add(stream);
    stream.open(last, streams::remove);
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
        throw Refusals.invalid(
            "unknown-type",
            "types has \""
                + Refusals.shown(name)
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
      throw Refusals.unavailable(
          "no-messages", "This node has no copy of the messages; follow them at a server.");
    }
    return types;
  }

  private static EventToken token(String text) {
    return EventToken.decode(text)
        .orElseThrow(
            () ->
                Refusals.invalid(
                    "invalid-parameter",
                    "Last-Event-ID \""
                        + Refusals.shown(text)
                        + "\" is not the id of an event; leave it out to start anew."));
  }
}
