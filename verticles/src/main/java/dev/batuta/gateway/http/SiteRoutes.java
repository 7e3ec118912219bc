package dev.batuta.gateway.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.List;

/** Health, metrics, the OpenAPI file, and the console. */
final class SiteRoutes {
  /** All that may be done with a path of the site. */
  static final List<HttpMethod> METHODS = List.of(HttpMethod.GET, HttpMethod.HEAD);

  private final HttpSettings settings;
  private final Contract contract;
  private final HealthRoutes health;

  SiteRoutes(HttpSettings settings, Contract contract, HealthRoutes health) {
    this.settings = settings;
    this.contract = contract;
    this.health = health;
  }

  void bind(Router router) {
    health.bind(router);
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
}
