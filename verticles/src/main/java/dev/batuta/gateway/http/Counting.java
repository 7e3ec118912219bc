package dev.batuta.gateway.http;

import dev.batuta.gateway.DoorCounts;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;

/** Counts requests and their answers, and refusals by their code. */
final class Counting implements PlatformHandler {
  private final DoorCounts counts;

  Counting(DoorCounts counts) {
    this.counts = counts;
  }

  @Override
  public void handle(RoutingContext rc) {
    counts.received();
    rc.addEndHandler(
        ended -> {
          if (ended.succeeded()) {
            counts.sent();
          }
          Problems.code(rc).ifPresent(counts::refused);
        });
    rc.next();
  }
}
