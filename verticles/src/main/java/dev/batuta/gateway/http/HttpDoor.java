package dev.batuta.gateway.http;

import dev.batuta.gateway.Door;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;

/** The door of HTTP: its verticle serves all clients on one event loop. */
public final class HttpDoor implements Door {
  /** The name of its port. */
  public static final String PORT = "http";

  private final Vertx vertx;
  private final GatewayVerticle verticle;
  private volatile String deployment = "";

  public HttpDoor(Vertx vertx, GatewaySettings settings, GatewayParts parts) {
    this.vertx = vertx;
    this.verticle = new GatewayVerticle(settings, parts);
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
