package dev.batuta.gateway.http;

import dev.batuta.clock.ClockWatch;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.CoordinationService;
import io.vertx.ext.web.openapi.router.RouterBuilder;

/** Elections and clock rounds over HTTP; {@link CoordinationService} has the rules. */
final class CoordinationRoutes {
  private final CoordinationService coordination;

  CoordinationRoutes(CoordinationService coordination) {
    this.coordination = coordination;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(
        builder,
        "election",
        rc -> coordination.elect(Access.caller(rc)).map(now -> Answer.ok(now.toJson())));
    Routes.bind(
        builder,
        "clockSync",
        rc ->
            coordination
                .synchronizeClocks(Access.caller(rc))
                .map(round -> Answer.ok(ClockWatch.toJson(round))));
  }
}
