package dev.batuta.gateway.platform;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.VerticleDoor;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** The door of the task platform: its verticle serves all on one event loop. */
public final class PlatformDoor extends VerticleDoor {

  /**
   * What the door needs beside what all doors have.
   *
   * @param heartbeat how often workers of the cluster say that they live, {@code worker.heartbeat}
   * @param reachable whether others reach this node by the bus
   * @param outsideClock is told what somebody outside says of its Lamport clock
   * @param registrations of workers, which outlive this node
   */
  public record Farm(
      Duration heartbeat,
      BooleanSupplier reachable,
      LongConsumer outsideClock,
      RegistrationStore registrations) {}

  public PlatformDoor(
      Vertx vertx, DoorSettings settings, Gateway gateway, DoorCounts counts, Farm farm) {
    super(vertx, new PlatformVerticle(settings, gateway, counts, farm));
  }
}
