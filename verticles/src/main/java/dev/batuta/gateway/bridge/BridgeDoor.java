package dev.batuta.gateway.bridge;

import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;

/** The door for clients of the event bus over TCP: its verticle serves all on one event loop. */
public final class BridgeDoor implements Door {
  private final Vertx vertx;
  private final String name;
  private final BridgeVerticle verticle;
  private volatile String deployment = "";

  public BridgeDoor(Vertx vertx, DoorSettings settings, Gateway gateway, DoorCounts counts) {
    this.vertx = vertx;
    this.name = settings.name();
    this.verticle = new BridgeVerticle(settings, gateway, counts);
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
    return verticle.port() == 0 ? Map.of() : Map.of(name, verticle.port());
  }
}
