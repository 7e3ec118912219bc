package dev.batuta.gateway.bridge;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.DoorSettings;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.VerticleDoor;
import io.vertx.core.Vertx;

/** The door for clients of the event bus over TCP: its verticle serves all on one event loop. */
public final class BridgeDoor extends VerticleDoor {

  public BridgeDoor(Vertx vertx, DoorSettings settings, Gateway gateway, DoorCounts counts) {
    super(vertx, new BridgeVerticle(settings, gateway, counts));
  }
}
