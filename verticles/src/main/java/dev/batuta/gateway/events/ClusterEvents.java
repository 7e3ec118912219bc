package dev.batuta.gateway.events;

import dev.batuta.bus.Bus;
import dev.batuta.codec.TaskMessage.State;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes {@code events.nodes}, {@code events.workers}, {@code events.tasks} and {@code
 * events.lending} for the clients of this node: each gateway computes them from what it knows, so
 * nothing is delivered twice and nobody depends on a publisher. At most every 500 ms when something
 * changed, nodes at least every 5 s. Belongs to the event loop of the {@link EventsVerticle}.
 */
final class ClusterEvents {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterEvents.class);
  private static final long TICK_MILLIS = 500;

  /** Nobody looks: then every so many ticks are enough to have a present state at hand. */
  private static final int IDLE_TICKS = 10;

  private final Vertx vertx;
  private final Bus bus;
  private final ClusterView view;
  private final EventHub hub;
  private final LendingEvents lending;
  private final DisputeEvents disputes;
  private long ticks;
  private boolean asking;
  private @Nullable JsonObject lastNodes;
  private @Nullable JsonObject lastTasks;
  private long shownNodesAtTick;
  private long finishedBefore = -1;
  private long countedAtNanos;

  ClusterEvents(Vertx vertx, Bus bus, ClusterView view, EventHub hub) {
    this.vertx = vertx;
    this.bus = bus;
    this.view = view;
    this.hub = hub;
    this.lending = new LendingEvents(bus, view);
    this.disputes = new DisputeEvents(bus);
  }

  void start() {
    lending
        .start()
        .onFailure(
            unheard ->
                LOG.atWarn()
                    .addKeyValue("why", unheard.getMessage())
                    .log("changes of lending are not shown here"));
    disputes
        .start()
        .onFailure(
            unheard ->
                LOG.atWarn()
                    .addKeyValue("why", unheard.getMessage())
                    .log("what workers and ledger say differently is not shown here"));
    vertx.setPeriodic(TICK_MILLIS, timer -> tick());
    tick();
  }

  private void tick() {
    ticks++;
    boolean due = hub.isWatched() || ticks % IDLE_TICKS == 1;
    if (asking || !due) {
      return;
    }
    asking = true;
    view.refresh()
        .onComplete(
            fresh -> {
              asking = false;
              showNodes();
              showTasks();
              lending.showLoans();
            });
  }

  private void showNodes() {
    JsonObject nodes =
        new JsonObject().put("nodes", view.nodesJson()).put("workers", view.workersJson());
    boolean old = ticks - shownNodesAtTick >= IDLE_TICKS;
    if (old || !withoutClocks(nodes).equals(lastNodes)) {
      lastNodes = withoutClocks(nodes);
      shownNodesAtTick = ticks;
      bus.event("nodes", nodes.copy().put("at", Instant.now().toString()));
    }
  }

  private void showTasks() {
    Map<State, Long> states = view.tasks();
    long finished =
        states.entrySet().stream()
            .filter(state -> state.getKey().isFinal())
            .mapToLong(Map.Entry::getValue)
            .sum();
    long now = System.nanoTime();
    long perSecond = 0;
    if (finishedBefore >= 0 && finished > finishedBefore) {
      perSecond = Math.round((finished - finishedBefore) * 1e9 / (now - countedAtNanos));
    }
    finishedBefore = finished;
    countedAtNanos = now;
    JsonObject tasks =
        new JsonObject()
            .put("tasks", view.tasksJson())
            .put("perSecond", perSecond)
            .put("recent", view.recentJson());
    if (!tasks.equals(lastTasks)) {
      lastTasks = tasks;
      bus.event("tasks", tasks.copy().put("at", Instant.now().toString()));
    }
  }

  /** Clocks tick all the time; they go out with the next change, or after 5 s. */
  private static JsonObject withoutClocks(JsonObject nodes) {
    JsonObject copy = nodes.copy();
    JsonArray members = copy.getJsonArray("nodes");
    for (int i = 0; i < members.size(); i++) {
      JsonObject node = members.getJsonObject(i);
      node.remove("clock");
      node.remove("offsetMillis");
    }
    return copy;
  }
}
