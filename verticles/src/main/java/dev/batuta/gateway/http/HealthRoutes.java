package dev.batuta.gateway.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/** Health and metrics, which every node may serve, whatever its roles. */
final class HealthRoutes {
  private final Supplier<Readiness> readiness;
  private final PrometheusMeterRegistry metrics;

  /**
   * @param metrics served at {@code /metrics}
   */
  HealthRoutes(Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    this.readiness = readiness;
    this.metrics = metrics;
  }

  void bind(Router router) {
    route(router, "/health/live")
        .handler(rc -> json(rc, 200, new JsonObject().put("status", "UP")));
    route(router, "/health/ready").handler(this::ready);
    route(router, "/metrics").handler(this::scrape);
  }

  private static Route route(Router router, String path) {
    Route route = router.route(path);
    SiteRoutes.METHODS.forEach(route::method);
    return route;
  }

  private void ready(RoutingContext rc) {
    Readiness now = readiness.get();
    JsonArray missing = new JsonArray();
    now.missing().forEach(missing::add);
    json(
        rc,
        now.isReady() ? 200 : 503,
        new JsonObject().put("status", now.isReady() ? "UP" : "DOWN").put("missing", missing));
  }

  private void scrape(RoutingContext rc) {
    rc.vertx()
        .executeBlocking(metrics::scrape, false)
        .onComplete(
            text ->
                rc.response()
                    .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                    .putHeader("Cache-Control", "no-store")
                    .end(text),
            rc::fail);
  }

  private static void json(RoutingContext rc, int status, JsonObject body) {
    rc.response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(body.toBuffer());
  }
}
