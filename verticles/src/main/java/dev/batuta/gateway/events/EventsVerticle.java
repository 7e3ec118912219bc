package dev.batuta.gateway.events;

import dev.batuta.bus.Bus;
import dev.batuta.codec.ChatMessage.Posted;
import dev.batuta.gateway.json.ChatJson;
import dev.batuta.messaging.MessageFilter;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes the events of a node once for all of its doors, on one event loop, and gives them to the
 * {@link EventHub}: what other features show, and what this computes of the cluster, traces and
 * messages.
 */
public final class EventsVerticle extends VerticleBase {
  private final Bus bus;
  private final ClusterView view;
  private final EventHub hub;
  private final Optional<MessageSource> source;
  private final Supplier<JsonObject> coordinator;
  private final Supplier<Optional<JsonObject>> clock;
  private Optional<MessageEvents> messages = Optional.empty();

  /**
   * @param source of messages, if this node has them
   * @param coordinator the body of the last {@code events.coordinator}
   * @param clock the body of the last {@code events.clock} of a round, if there was one
   */
  public EventsVerticle(
      Bus bus,
      ClusterView view,
      EventHub hub,
      Optional<MessageSource> source,
      Supplier<JsonObject> coordinator,
      Supplier<Optional<JsonObject>> clock) {
    this.bus = bus;
    this.view = view;
    this.hub = hub;
    this.source = source;
    this.coordinator = coordinator;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    EventHub.TYPES.forEach(
        type ->
            vertx
                .eventBus()
                .<JsonObject>localConsumer(
                    "events." + type, event -> hub.take(type, event.body())));
    vertx
        .eventBus()
        .<JsonObject>localConsumer(
            "events." + EventHub.TRACE, event -> hub.pass(EventHub.TRACE, event.body()));
    hub.seed("coordinator", coordinator.get());
    clock.get().ifPresent(round -> hub.seed("clock", round));
    new ClusterEvents(vertx, bus, view, hub).start();
    new TraceEvents(vertx, bus).start();
    messages =
        source.map(
            from ->
                new MessageEvents(
                    vertx, from, new MessageFilter.Channels(), "the bridge", this::said));
    messages.ifPresent(MessageEvents::start);
    return Future.succeededFuture();
  }

  private void said(Posted message) {
    if (hub.isHearingMessages()) {
      bus.event("messages", ChatJson.message(message));
    }
  }

  @Override
  public Future<?> stop() {
    messages.ifPresent(MessageEvents::stop);
    return Future.succeededFuture();
  }
}
