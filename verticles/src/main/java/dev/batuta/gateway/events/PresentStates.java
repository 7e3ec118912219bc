package dev.batuta.gateway.events;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The present state of each type of event: the body of its last one; of clock that of the last
 * round, and of each node's clock. Bounded by types and nodes; not thread-safe.
 */
final class PresentStates {
  private final Map<String, Map<String, JsonObject>> bodies = new LinkedHashMap<>();

  /** A state that replaces the one before it. */
  void take(String type, JsonObject body) {
    String aspect = body.getString("name", "");
    Map<String, JsonObject> states = bodies.computeIfAbsent(type, t -> new LinkedHashMap<>());
    states.remove(aspect);
    states.put(aspect, body);
  }

  /** The oldest first; empty while there is none. */
  List<JsonObject> of(String type) {
    return List.copyOf(bodies.getOrDefault(type, Map.of()).values());
  }
}
