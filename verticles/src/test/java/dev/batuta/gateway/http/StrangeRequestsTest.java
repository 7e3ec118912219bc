package dev.batuta.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.gateway.json.JsonBounds;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods that a path does not have, and parameters that an operation does not have. */
class StrangeRequestsTest extends GatewayCalls {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private List<Operation> operations() {
    return gateway.checker.contract().openApi().operations();
  }

  private static String path(Operation operation) {
    return operation.getAbsoluteOpenAPIPath().replaceAll("\\{[^}]+}", "1");
  }

  @Test
  void everyPathOfTheContractNamesItsMethodsWhereAnotherIsTried() {
    for (Operation each : operations()) {
      String path = path(each);
      Set<String> allowed =
          operations().stream()
              .filter(other -> path(other).equals(path))
              .map(other -> other.getHttpMethod().name())
              .collect(Collectors.toCollection(TreeSet::new));
      for (String method : METHODS) {
        if (!allowed.contains(method)) {
          Reply reply = gateway.call(method, path, admin, null);
          assertThat(reply.status()).as(method + " " + path).isEqualTo(405);
          assertThat(reply.headers().firstValue("Allow")).contains(String.join(", ", allowed));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/app.js", "/openapi.yaml", "/health/live", "/health/ready", "/metrics"})
  void everyPathOfTheSiteIsReadAndSaysSo(String path) {
    Reply head = gateway.call("HEAD", path, admin, null);
    assertThat(head.status()).as(path).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "OPTIONS")) {
      Reply reply = gateway.call(method, path, admin, null);
      assertThat(reply.status()).as(method + " " + path).isEqualTo(405);
      assertThat(reply.headers().firstValue("Allow")).contains("GET, HEAD");
      assertThat(reply.contentType()).isEqualTo("application/problem+json");
    }
    assertThat(gateway.call("GET", path + "?v=1", admin, null).status()).isEqualTo(200);
  }

  @Test
  void everyOperationRefusesAQueryParameterThatItDoesNotHaveByItsName() {
    for (Operation each : operations()) {
      String method = each.getHttpMethod().name();
      Reply reply = gateway.call(method, path(each) + "?waitMilis=5", admin, null);

      assertThat(reply.status()).as(each.getOperationId() + " " + reply.body()).isEqualTo(400);
      assertThat(reply.text("code")).isEqualTo("unknown-parameter");
      String known =
          each.getParameters().stream()
              .filter(parameter -> parameter.getIn() == Location.QUERY)
              .map(Parameter::getName)
              .sorted()
              .collect(Collectors.joining(", "));
      assertThat(reply.text("detail"))
          .isEqualTo(
              "There is no query parameter \"waitMilis\" here; "
                  + (known.isEmpty() ? "this takes none." : "there is " + known + "."));
    }
    assertThat(get("tasks?Limit=1", admin).text("code")).isEqualTo("unknown-parameter");
  }

  @Test
  void aBodyBeyondTheBoundsOfJsonIsRefusedByEveryOperationThatReadsOne() {
    for (Operation each : operations()) {
      if (each.getHttpMethod().name().equals("POST")) {
        String body = "{\"a\":" + "[".repeat(40) + "]".repeat(40) + "}";
        Reply reply = gateway.call("POST", path(each), admin, body);

        assertThat(reply.status()).as(each.getOperationId()).isEqualTo(413);
        assertThat(reply.text("code")).isEqualTo("too-large");
        assertThat(reply.text("detail")).isEqualTo(JsonBounds.SENTENCE);
      }
    }
  }

  @Test
  void whoMayNotCallAnOperationIsNotToldOfItsParameters() {
    assertThat(get("tasks?none=1", null).status()).isEqualTo(401);
    assertThat(get("audit?none=1", alice).status()).isEqualTo(403);
  }
}
