package dev.batuta.gateway.foreign;

import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.VerticleDoor;
import io.vertx.core.Vertx;

/**
 * The door of workers and masters of other implementations: JSON over TCP and WebSocket. Its
 * verticle serves all of them on one event loop.
 */
public final class ForeignDoor extends VerticleDoor {

  public ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway) {
    this(vertx, settings, gateway, WorkerTimes.DEFAULT);
  }

  /**
   * @param times of its workers
   */
  ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway, WorkerTimes times) {
    super(vertx, new ForeignVerticle(settings, gateway.parts(), times));
  }
}
