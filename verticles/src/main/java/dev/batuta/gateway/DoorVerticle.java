package dev.batuta.gateway;

import io.vertx.core.VerticleBase;
import java.util.Map;

/** Serves all clients of a door on one event loop. It listens when it is started. */
public abstract class DoorVerticle extends VerticleBase {
  /** As {@link Door#ports}. */
  public abstract Map<String, Integer> ports();
}
