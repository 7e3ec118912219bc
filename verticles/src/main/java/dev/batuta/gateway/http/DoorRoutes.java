package dev.batuta.gateway.http;

import dev.batuta.codec.ClusterMessage.OpenDoor;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.DoorService;
import dev.batuta.gateway.services.DoorService.NodeDoors;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;

/** The doors of the cluster over HTTP; {@link DoorService} has the rules. */
final class DoorRoutes {
  private final DoorService doors;

  DoorRoutes(DoorService doors) {
    this.doors = doors;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "doors", this::doors);
  }

  private Future<Answer> doors(RoutingContext rc) {
    return doors.all().map(nodes -> Answer.ok(json(nodes)));
  }

  private static JsonObject json(List<NodeDoors> nodes) {
    JsonArray items = new JsonArray();
    JsonArray silent = new JsonArray();
    for (NodeDoors node : nodes) {
      node.told()
          .ifPresentOrElse(
              told -> told.doors().forEach(door -> items.add(json(node.node(), door))),
              () -> silent.add(node.node()));
    }
    return new JsonObject().put("items", items).put("silent", silent);
  }

  private static JsonObject json(String node, OpenDoor door) {
    JsonObject refused = new JsonObject();
    door.refused().forEach(each -> refused.put(each.reason(), each.count()));
    return new JsonObject()
        .put("node", node)
        .put("name", door.name())
        .put("protocol", door.protocol())
        .put("address", door.address())
        .put("connections", door.connections())
        .put("received", door.received())
        .put("sent", door.sent())
        .put("refused", refused);
  }
}
