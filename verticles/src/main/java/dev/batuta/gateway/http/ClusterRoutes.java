package dev.batuta.gateway.http;

import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.http.Routes.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;

/** What {@code status} prints. */
final class ClusterRoutes {
  private final Gateway gateway;

  ClusterRoutes(Gateway gateway) {
    this.gateway = gateway;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "cluster", this::cluster);
  }

  private Future<Answer> cluster(RoutingContext rc) {
    return gateway.cluster().refresh().map(fresh -> Answer.ok(json()));
  }

  private JsonObject json() {
    View now = gateway.parts().coordinator().get();
    ClusterView view = gateway.cluster();
    return new JsonObject()
        .put("cluster", gateway.settings().cluster())
        .put("profile", gateway.settings().profile())
        .put("coordinator", now.coordinator())
        .put("epoch", now.epoch())
        .put("acting", now.acting())
        .put("reason", now.reason().sentence())
        .put("reasonCode", now.reason().code().wire())
        .put("reasonArguments", new JsonArray(now.reason().arguments()))
        .put("nodes", view.nodesJson())
        .put("workers", view.workersJson())
        .put("tasks", view.tasksJson());
  }
}
