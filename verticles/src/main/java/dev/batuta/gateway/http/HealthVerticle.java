package dev.batuta.gateway.http;

import dev.batuta.gateway.DoorCounts;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves health and metrics, and nothing else: for nodes without a gateway, which are watched as
 * the others are.
 */
public final class HealthVerticle extends VerticleBase {
  private final HttpSettings settings;
  private final HealthRoutes routes;
  private volatile @Nullable HttpServer server;

  /**
   * @param readiness whether this node may be given work
   */
  public HealthVerticle(
      HttpSettings settings, Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    this.settings = settings;
    this.routes = new HealthRoutes(readiness, metrics);
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    routes.bind(router);
    EarlyAnswers early = new EarlyAnswers(vertx, settings, new DoorCounts());
    return new HttpListener(vertx, settings, early)
        .listen(router)
        .onSuccess(listens -> server = listens);
  }

  @Override
  public Future<?> stop() {
    HttpServer listens = server;
    return listens == null ? Future.succeededFuture() : listens.close();
  }

  /** Where it listens; 0 until it does. */
  public int port() {
    HttpServer listens = server;
    return listens == null ? 0 : listens.actualPort();
  }
}
