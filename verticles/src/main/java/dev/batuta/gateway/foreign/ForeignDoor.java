package dev.batuta.gateway.foreign;

import dev.batuta.gateway.Door;
import dev.batuta.gateway.Gateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;

/**
 * The door of workers and masters of other implementations: JSON over TCP and WebSocket. Its
 * verticle serves all of them on one event loop.
 */
public final class ForeignDoor implements Door {
  private final Vertx vertx;
  private final ForeignVerticle verticle;
  private volatile String deployment = "";

  public ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway) {
    this(vertx, settings, gateway, WorkerTimes.DEFAULT);
  }

  /**
   * @param times of its workers
   */
  ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway, WorkerTimes times) {
    this.vertx = vertx;
    this.verticle = new ForeignVerticle(settings, gateway.parts(), times);
  }

  @Override
  public Future<?> open() {
    return vertx.deployVerticle(verticle).onSuccess(id -> deployment = id);
  }

  @Override
  public Future<?> close() {
    String open = deployment;
    deployment = "";
    return open.isEmpty() ? Future.succeededFuture() : vertx.undeploy(open);
  }

  @Override
  public Map<String, Integer> ports() {
    return verticle.ports();
  }
}
