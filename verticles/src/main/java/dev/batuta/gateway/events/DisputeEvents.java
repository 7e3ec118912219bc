package dev.batuta.gateway.events;

import dev.batuta.bus.Addresses;
import dev.batuta.bus.Bus;
import dev.batuta.codec.WorkerMessage.Disputed;
import dev.batuta.gateway.json.TaskJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Makes {@code events.workers} for the clients of this node: {@code {disputes, at}}, the last
 * answers of workers that were not what the ledger says, the newest last, as this node heard of
 * them. Belongs to the event loop of the {@link EventsVerticle}.
 */
final class DisputeEvents {
  private static final int MAX = 20;

  private final Bus bus;
  private final Deque<JsonObject> last = new ArrayDeque<>();

  DisputeEvents(Bus bus) {
    this.bus = bus;
  }

  /** Hears what doors tell from now on, and shows that there is nothing yet. */
  Future<Void> start() {
    show(Instant.now());
    return bus.listen(
        Addresses.DISPUTES,
        envelope -> {
          if (envelope.message() instanceof Disputed disputed) {
            Instant now = Instant.now();
            if (last.size() == MAX) {
              last.removeFirst();
            }
            last.addLast(json(disputed, now));
            show(now);
          }
        });
  }

  private void show(Instant at) {
    JsonArray disputes = new JsonArray();
    last.forEach(disputes::add);
    bus.event("workers", new JsonObject().put("disputes", disputes).put("at", at.toString()));
  }

  private static JsonObject json(Disputed disputed, Instant at) {
    return new JsonObject()
        .put("worker", disputed.worker())
        .put("master", disputed.master())
        .put("task", Long.toString(disputed.task()))
        .put("claimed", TaskJson.result(disputed.claimed()))
        .put("result", TaskJson.result(disputed.result()))
        .put("untold", disputed.untold())
        .put("at", at.toString());
  }
}
