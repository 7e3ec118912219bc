package dev.batuta.gateway.http;

import dev.batuta.gateway.DoorCounts;
import dev.batuta.gateway.Gateway;
import dev.batuta.gateway.VerticleDoor;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** The door of HTTP: its verticle serves all clients on one event loop. */
public final class HttpDoor extends VerticleDoor {
  /** The name of its port. */
  public static final String PORT = "http";

  /**
   * @param readiness whether this node may be given work, shown at {@code /health/ready}
   * @param metrics served at {@code /metrics}
   */
  public HttpDoor(
      Vertx vertx,
      HttpSettings settings,
      Gateway gateway,
      DoorCounts counts,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    super(vertx, new HttpVerticle(settings, gateway, counts, readiness, metrics));
  }
}
