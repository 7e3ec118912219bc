package dev.batuta.gateway.http;

import dev.batuta.election.CoordinatorWatch.View;
import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.http.Routes.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.function.Supplier;

/** What {@code status} prints. */
final class ClusterRoutes {
  private final GatewaySettings settings;
  private final ClusterView view;
  private final Supplier<View> coordinator;

  /**
   * @param coordinator who coordinates, as this node knows it
   */
  ClusterRoutes(GatewaySettings settings, ClusterView view, Supplier<View> coordinator) {
    this.settings = settings;
    this.view = view;
    this.coordinator = coordinator;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "cluster", this::cluster);
  }

  private Future<Answer> cluster(RoutingContext rc) {
    return view.refresh().map(fresh -> Answer.ok(json()));
  }

  private JsonObject json() {
    View now = coordinator.get();
    return new JsonObject()
        .put("cluster", settings.cluster())
        .put("profile", settings.profile())
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
