package dev.batuta.node.metrics;

import dev.batuta.gateway.DoorCounts.Figures;
import dev.batuta.gateway.Doors;
import java.util.Map;

/** What goes through the doors of a node, each port for itself. */
public final class DoorMetrics implements Family {
  private final Doors doors;

  public DoorMetrics(Doors doors) {
    this.doors = doors;
  }

  @Override
  public void read(Samples samples) {
    var connections = samples.gauge("door_connections", "Connections that are open.");
    var messages = samples.counter("door_messages", "Messages of clients, and to them.");
    var refusals =
        samples.counter("door_refusals", "Requests and connections refused, by error code.");
    for (Map.Entry<String, Figures> each : doors.figures().entrySet()) {
      String door = each.getKey();
      Figures figures = each.getValue();
      connections.add(figures.connections(), "door", door);
      messages.add(figures.received(), "door", door, "direction", "in");
      messages.add(figures.sent(), "door", door, "direction", "out");
      figures
          .refused()
          .forEach((reason, count) -> refusals.add(count, "door", door, "reason", reason));
    }
  }
}
