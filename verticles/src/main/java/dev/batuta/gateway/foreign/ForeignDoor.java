package dev.batuta.gateway.foreign;

import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.VerticleDoor;
import io.vertx.core.Vertx;
import java.time.Duration;

/**
 * The door of workers and masters of other implementations: JSON over TCP and WebSocket. Its
 * verticle serves all of them on one event loop.
 */
public final class ForeignDoor extends VerticleDoor {

  /**
   * @param lease after which a silent worker loses its task, and its place in the farm; longer than
   *     the few seconds that workers wait for an answer
   */
  public ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway, Duration lease) {
    this(vertx, settings, gateway, WorkerTimes.withLease(lease));
  }

  /**
   * @param times of its workers
   */
  ForeignDoor(Vertx vertx, ForeignSettings settings, Gateway gateway, WorkerTimes times) {
    super(vertx, new ForeignVerticle(settings, gateway.parts(), times));
  }
}
