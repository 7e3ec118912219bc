package dev.batuta.gateway.http;

import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.function.Supplier;

/** The door of HTTP: its verticle serves all clients on one event loop. */
public final class HttpDoor implements Door {
  /** The name of its port. */
  public static final String PORT = "http";

  private final Vertx vertx;
  private final HttpVerticle verticle;
  private volatile String deployment = "";

  /**
   * @param readiness whether this node may be given work, shown at {@code /health/ready}
   * @param metrics served at {@code /metrics}
   */
  public HttpDoor(
      Vertx vertx,
      HttpSettings settings,
      Gateway gateway,
      DoorCounts counts,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    this.vertx = vertx;
    this.verticle = new HttpVerticle(settings, gateway, counts, readiness, metrics);
  }

  @Override
  public Future<?> open() {
    return vertx.deployVerticle(verticle).onSuccess(id -> deployment = id);
  }

  @Override
  public Future<?> close() {
    if (deployment.isEmpty()) {
      return Future.succeededFuture();
    }
    String open = deployment;
    deployment = "";
    return vertx.undeploy(open);
  }

  @Override
  public Map<String, Integer> ports() {
    return verticle.port() == 0 ? Map.of() : Map.of(PORT, verticle.port());
  }
}
