package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.DoorCounts;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves health and metrics, and nothing else: for nodes without a gateway, which are watched as
 * the others are. Such a node knows no users: where there is a token for metrics only that opens
 * them, and where there is none they are open.
 */
public final class HealthVerticle extends VerticleBase {
  private final HttpSettings settings;
  private final HealthRoutes routes;
  private final ScrapeToken scrapeToken;
  private volatile @Nullable HttpServer server;

  /**
   * @param readiness whether this node may be given work
   */
  public HealthVerticle(
      HttpSettings settings, Supplier<Readiness> readiness, PrometheusMeterRegistry metrics) {
    this.settings = settings;
    this.routes = new HealthRoutes(readiness, metrics);
    this.scrapeToken = new ScrapeToken(settings.metricsToken());
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    router.route("/metrics").handler(this::checkToken);
    routes.bind(router);
    router.errorHandler(401, Problems::answer);
    EarlyAnswers early = new EarlyAnswers(vertx, settings, new DoorCounts());
    return new HttpListener(vertx, settings, early)
        .listen(router)
        .onSuccess(listens -> server = listens);
  }

  private void checkToken(RoutingContext rc) {
    if (scrapeToken.exists() && !scrapeToken.comesWith(rc.request())) {
      rc.fail(
          401,
          Refused.unauthenticated(
              "token-missing",
              "Metrics of this node are for who sends the token of http.metrics-token, as Authorization: Bearer TOKEN."));
    } else {
      rc.next();
    }
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
