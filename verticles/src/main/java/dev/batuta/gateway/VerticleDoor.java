package dev.batuta.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;

/** A door that is open while its verticle is deployed. */
public abstract class VerticleDoor implements Door {
  private final Vertx vertx;
  private final DoorVerticle verticle;
  private volatile String deployment = "";

  protected VerticleDoor(Vertx vertx, DoorVerticle verticle) {
    this.vertx = vertx;
    this.verticle = verticle;
  }

  @Override
  public final Future<?> open() {
    return vertx.deployVerticle(verticle).onSuccess(id -> deployment = id);
  }

  @Override
  public final Future<?> close() {
    String open = deployment;
    deployment = "";
    return open.isEmpty() ? Future.succeededFuture() : vertx.undeploy(open);
  }

  @Override
  public final Map<String, Integer> ports() {
    return verticle.ports();
  }
}
