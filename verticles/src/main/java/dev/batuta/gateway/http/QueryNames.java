package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import java.util.List;

/**
 * Refuses query parameters that an operation does not have: who misspells one did not mean its
 * default. Names are as in the contract, letter by letter.
 */
final class QueryNames {
  private QueryNames() {}

  static void check(RoutingContext rc, Operation operation) {
    List<String> known =
        operation.getParameters().stream()
            .filter(parameter -> parameter.getIn() == Location.QUERY)
            .map(Parameter::getName)
            .sorted()
            .toList();
    for (String name : rc.queryParams().names()) {
      if (!known.contains(name)) {
        throw Refused.invalid(
            "unknown-parameter",
            "There is no query parameter \"%s\" here; %s."
                .formatted(
                    Refused.shown(name),
                    known.isEmpty() ? "this takes none" : "there is " + String.join(", ", known)));
      }
    }
  }
}
