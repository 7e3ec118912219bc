package dev.batuta.gateway.http;

import dev.batuta.gateway.events.ClusterView;
import dev.batuta.gateway.http.Routes.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.function.Supplier;

/** What {@code status} prints. */
final class ClusterRoutes {
  private final GatewaySettings settings;
  private final ClusterView view;
  private final Supplier<JsonObject> coordinator;

  /**
   * @param coordinator the body of the last {@code events.coordinator}
   */
  ClusterRoutes(GatewaySettings settings, ClusterView view, Supplier<JsonObject> coordinator) {
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
    JsonObject now = coordinator.get();
    return new JsonObject()
        .put("cluster", settings.cluster())
        .put("profile", settings.profile())
        .put("coordinator", now.getString("coordinator"))
        .put("epoch", now.getLong("epoch", 0L))
        .put("acting", now.getBoolean("acting", false))
        .put("reason", now.getString("reason", ""))
        .put("nodes", view.nodesJson())
        .put("workers", view.workersJson())
        .put("tasks", view.tasksJson());
  }
}
