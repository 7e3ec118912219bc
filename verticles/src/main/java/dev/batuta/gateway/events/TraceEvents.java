package dev.batuta.gateway.events;

import dev.batuta.bus.Bus;
import dev.batuta.bus.Trace;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Locale;

/**
 * Makes {@code events.trace} of the sends and receives of this node: {@code {node, events, dropped,
 * at}}, four times a second while something is recorded. Belongs to the event loop of the {@link
 * EventsVerticle}.
 */
final class TraceEvents {
  private static final long TICK_MILLIS = 250;

  private final Vertx vertx;
  private final Bus bus;

  TraceEvents(Vertx vertx, Bus bus) {
    this.vertx = vertx;
    this.bus = bus;
  }

  void start() {
    vertx.setPeriodic(TICK_MILLIS, timer -> show());
  }

  private void show() {
    Trace.Batch batch = bus.trace().drain();
    if (!batch.events().isEmpty()) {
      JsonArray events = new JsonArray();
      batch.events().forEach(event -> events.add(json(event)));
      bus.event(
          EventHub.TRACE,
          new JsonObject()
              .put("node", bus.node())
              .put("events", events)
              .put("dropped", batch.dropped())
              .put("at", Instant.now().toString()));
    }
  }

  private JsonObject json(Trace.Event event) {
    return new JsonObject()
        .put("node", bus.node())
        .put("event", event.what().name().toLowerCase(Locale.ROOT))
        .put("clock", event.clock())
        .put("sender", event.sender())
        .put("sent", event.sent())
        .put("type", event.type())
        .put("address", event.address())
        .put("at", Instant.ofEpochMilli(event.atMillis()).toString());
  }
}
