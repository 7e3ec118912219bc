package dev.batuta.gateway.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.List;
import java.util.function.Supplier;

/** Health, metrics, the OpenAPI file, and the console. */
final class SiteRoutes {
  /** All that may be done with a path of the site. */
  static final List<HttpMethod> METHODS = List.of(HttpMethod.GET, HttpMethod.HEAD);

  private final HttpSettings settings;
  private final Contract contract;
  private final Supplier<Readiness> readiness;
  private final PrometheusMeterRegistry metrics;

  /**
   * @param metrics served at {@code /metrics}
   */
  SiteRoutes(
      HttpSettings settings,
      Contract contract,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    this.settings = settings;
    this.contract = contract;
    this.readiness = readiness;
    this.metrics = metrics;
  }

  void bind(Router router) {
    route(router, "/health/live")
        .handler(rc -> json(rc, 200, new JsonObject().put("status", "UP")));
    route(router, "/health/ready").handler(this::ready);
    route(router, "/metrics").handler(this::scrape);
    route(router, "/openapi.yaml")
        .handler(
            rc ->
                rc.response()
                    .putHeader("Content-Type", "application/yaml")
                    .putHeader("Cache-Control", "no-cache")
                    .end(contract.text()));
    route(router, "/*").handler(console());
  }

  private static Route route(Router router, String path) {
    Route route = router.route(path);
    METHODS.forEach(route::method);
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

  /** Files are asked for again each time, and answered with 304 while they are the same. */
  private io.vertx.core.Handler<RoutingContext> console() {
    StaticHandler files =
        settings
            .webroot()
            .map(
                folder ->
                    StaticHandler.create(FileSystemAccess.ROOT, folder.toAbsolutePath().toString())
                        .setFilesReadOnly(false)
                        .setCacheEntryTimeout(1))
            .orElseGet(() -> StaticHandler.create("webroot"))
            .setCachingEnabled(true)
            .setMaxAgeSeconds(0)
            .setIndexPage("index.html");
    return rc -> {
      rc.addHeadersEndHandler(
          headers -> {
            if (rc.response().headers().contains("Last-Modified")) {
              rc.response().putHeader("Cache-Control", "no-cache");
            }
          });
      files.handle(rc);
    };
  }

  private static void json(RoutingContext rc, int status, JsonObject body) {
    rc.response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(body.toBuffer());
  }
}
