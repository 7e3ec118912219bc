package dev.batuta.gateway.platform;

import dev.batuta.gateway.Door;
import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** The door of the task platform: its verticle serves all on one event loop. */
public final class PlatformDoor implements Door {
  private final Vertx vertx;
  private final String name;
  private final PlatformVerticle verticle;
  private volatile String deployment = "";

  /**
   * What the door needs beside what all doors have.
   *
   * @param heartbeat how often workers of the cluster say that they live, {@code worker.heartbeat}
   * @param reachable whether others reach this node by the bus
   * @param outsideClock is told what somebody outside says of its Lamport clock
   */
  public record Farm(Duration heartbeat, BooleanSupplier reachable, LongConsumer outsideClock) {}

  public PlatformDoor(
      Vertx vertx, DoorSettings settings, Gateway gateway, DoorCounts counts, Farm farm) {
    this.vertx = vertx;
    this.name = settings.name();
    this.verticle = new PlatformVerticle(settings, gateway, counts, farm);
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
