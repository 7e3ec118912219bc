package dev.batuta.clock;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.ClockMessage.Measured;
import dev.batuta.codec.ClockMessage.Round;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows the clocks to this node's clients as {@code events.clock}: each Berkeley round, and at most
 * once a second this node's own Lamport clock.
 */
public final class ClockWatch extends VerticleBase {
  private final Bus bus;
  private final NodeClock clock;
  private volatile @Nullable JsonObject latest;
  private long shownClock;

  /** One for each node. */
  public ClockWatch(Bus bus, NodeClock clock) {
    this.bus = bus;
    this.clock = clock;
  }

  /** The body of the latest round's event; safe on any thread. */
  public Optional<JsonObject> latest() {
    return Optional.ofNullable(latest).map(JsonObject::copy);
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(1_000, timer -> showOwn());
    return bus.listen(
        Addresses.SERVERS,
        envelope -> {
          if (envelope.message() instanceof Round round) {
            JsonObject body = toJson(round);
            latest = body;
            bus.event("clock", body);
          }
        });
  }

  private void showOwn() {
    long value = bus.clock().value();
    if (value != shownClock) {
      shownClock = value;
      bus.event(
          "clock",
          new JsonObject()
              .put("name", bus.node())
              .put("clock", value)
              .put("at", Instant.ofEpochMilli(clock.timeMillis()).toString()));
    }
  }

  /** The body of the event of a round. */
  public static JsonObject toJson(Round round) {
    JsonArray servers = new JsonArray();
    for (Measured server : round.servers()) {
      servers.add(
          new JsonObject()
              .put("name", server.server())
              .put("clock", server.clock())
              .put("offsetMillis", server.offsetMicros() / 1_000.0)
              .put("roundTripMillis", server.roundTripMicros() / 1_000.0)
              .put("counted", server.counted()));
    }
    return new JsonObject()
        .put("round", round.round())
        .put("coordinator", round.coordinator())
        .put("servers", servers)
        .put("at", Instant.ofEpochMilli(round.timeMillis()).toString());
  }
}
