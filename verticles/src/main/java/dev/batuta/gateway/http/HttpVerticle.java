package dev.batuta.gateway.http;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorVerticle;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.services.Services;
import dev.batuta.tracing.CurrentTrace;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves HTTP on one event loop: REST as {@code openapi.yaml} describes it, server-sent events, the
 * SockJS bridge, health, metrics and the console. It parses and renders; what it asks is the {@link
 * Gateway}'s.
 */
final class HttpVerticle extends DoorVerticle {
  private final HttpSettings settings;
  private final Gateway gateway;
  private final DoorCounts counts;
  private final Supplier<Readiness> readiness;
  private final PrometheusMeterRegistry metrics;
  private final HeldBytes held;
  private @Nullable HttpServer server;
  private @Nullable EventRoutes events;
  private @Nullable EventBridge bridge;
  private volatile int port;

  HttpVerticle(
      HttpSettings settings,
      Gateway gateway,
      DoorCounts counts,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    this.settings = settings;
    this.gateway = gateway;
    this.counts = counts;
    this.readiness = readiness;
    this.metrics = metrics;
    this.held = new HeldBytes(settings.maxHeldBytes());
  }

  @Override
  public Map<String, Integer> ports() {
    int listens = port;
    return listens == 0 ? Map.of() : Map.of(HttpDoor.PORT, listens);
  }

  @Override
  public Future<?> start() {
    return Contract.load(vertx)
        .compose(
            contract -> {
              Router router = router(contract);
              EarlyAnswers early = new EarlyAnswers(vertx, settings, counts);
              return new HttpListener(vertx, settings, early).listen(router);
            })
        .onSuccess(
            listens -> {
              server = listens;
              port = listens.actualPort();
            });
  }

  @Override
  public Future<?> stop() {
    if (events != null) {
      events.stop();
    }
    if (bridge != null) {
      bridge.stop();
    }
    return server == null ? Future.succeededFuture() : server.shutdown(5, TimeUnit.SECONDS);
  }

  private Router router(Contract contract) {
    Services services = gateway.services();
    Access access =
        new Access(
            contract, services.logins(), gateway.settings().isDemo(), settings.metricsToken());
    RouterBuilder builder = RouterBuilder.create(vertx, contract.openApi(), new RequestReader());
    builder.getRoutes().forEach(route -> route.setDoSecurity(false));
    builder.rootHandler(new Counting(counts));
    builder.rootHandler(new Headers());
    builder.rootHandler(access);
    Bodies bodies = new Bodies(held, settings.maxBodyBytes());
    builder.rootHandler(
        rc -> {
          if (rc.normalizedPath().startsWith("/api/")) {
            gateway.parts().countRequest().run();
            // Here, so that no route takes what the contract has for nobody, as GET tasks/batch.
            var operation = contract.operation(rc.request().method(), rc.normalizedPath());
            if (operation.isEmpty()) {
              Problems.unknownPath(rc, contract);
              return;
            }
            HttpMethod method = rc.request().method();
            CurrentTrace.name(() -> method + " " + operation.get().getAbsoluteOpenAPIPath());
            QueryNames.check(rc, operation.get());
          }
          bodies.read(rc);
        });
    new LoginRoutes(services.logins()).bind(builder);
    new TaskRoutes(services.tasks()).bind(builder);
    new CheckpointRoutes(services.checkpoints()).bind(builder);
    new AccountRoutes(services.accounts()).bind(builder);
    new ChatRoutes(services.chat()).bind(builder);
    new CopyRoutes(services.copies()).bind(builder);
    new ClusterRoutes(gateway).bind(builder);
    new CoordinationRoutes(services.coordination()).bind(builder);
    new DoorRoutes(services.doors()).bind(builder);
    new KeyRoutes(services.keys()).bind(builder);
    new UserRoutes(services.users()).bind(builder);
    EventRoutes streams = new EventRoutes(vertx, gateway, counts, settings.maxStreams());
    streams.bind(builder);
    events = streams;
    Router router = builder.createRouter();
    router.route().failureHandler(Problems::ofTheClient);
    router.route("/eventbus/*").handler(this::checkOrigin);
    EventBridge sockets = new EventBridge(vertx, gateway, held, counts);
    sockets.bind(router);
    bridge = sockets;
    new SiteRoutes(settings, contract, new HealthRoutes(readiness, metrics)).bind(router);
    router.route().handler(Problems::unknownSitePath);
    for (int status : List.of(400, 401, 403, 404, 413, 429, 500, 503)) {
      router.errorHandler(status, Problems::answer);
    }
    return router;
  }

  private void checkOrigin(RoutingContext rc) {
    HttpServerRequest request = rc.request();
    settings
        .origins()
        .check(request.getHeader(HttpHeaders.ORIGIN), request.getHeader(HttpHeaders.HOST));
    rc.next();
  }
}
