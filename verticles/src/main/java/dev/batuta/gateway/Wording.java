package dev.batuta.gateway;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Failure;
import io.vertx.ext.web.RoutingContext;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorErrorType;
import io.vertx.openapi.validation.ValidatorException;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the OpenAPI library finds wrong, as one sentence that names the field and its value. */
final class Wording {
  private static final Pattern PARAMETER = Pattern.compile("(query|path|header) parameter (\\S+)");
  private static final String SEE = "; see /openapi.yaml.";

  private Wording() {}

  static Failure of(ValidatorException error, RoutingContext rc) {
    String message = String.valueOf(error.getMessage());
    Matcher parameter = PARAMETER.matcher(message);
    if (parameter.find()) {
      return invalid(
          "invalid-parameter", parameter(error, rc, parameter.group(1), parameter.group(2)));
    }
    if (error instanceof SchemaValidationException schema) {
      return invalid("invalid-request", field(schema.getOutputUnit(), RequestReader.body(rc)));
    }
    if (error.type() == ValidatorErrorType.MISSING_REQUIRED_PARAMETER) {
      return invalid("missing-body", "The body is missing; send a JSON object" + SEE);
    }
    return invalid("invalid-request", message);
  }

  private static Failure invalid(String code, String sentence) {
    return new Failure(Failure.Kind.INVALID, code, sentence);
  }

  private static String parameter(
      ValidatorException error, RoutingContext rc, String in, String name) {
    String value = RequestReader.parameter(rc, in, name);
    if (value == null) {
      return "The " + in + " parameter " + name + " is missing" + SEE;
    }
    String why =
        error instanceof SchemaValidationException schema
            ? reason(deepest(schema.getOutputUnit()))
            : "it cannot be read";
    return "The "
        + in
        + " parameter "
        + name
        + " is \""
        + Refusals.shown(value)
        + "\": "
        + why
        + SEE;
  }

  private static String field(OutputUnit unit, ObjectNode body) {
    OutputUnit error = deepest(unit);
    String pointer = location(error);
    String name = pointer.isEmpty() ? "The body" : pointer.substring(1).replace('/', '.');
    String reason = reason(error);
    if (pointer.isEmpty()) {
      return "The body: " + reason + SEE;
    }
    String value = body.at(JsonPointer.compile(pointer)).toString();
    return name + " is " + Refusals.shown(value) + ": " + reason + SEE;
  }

  /** The most telling of the errors: the one deepest in the document. */
  private static OutputUnit deepest(OutputUnit unit) {
    List<OutputUnit> errors = unit.getErrors();
    if (errors == null || errors.isEmpty()) {
      return unit;
    }
    return errors.stream()
        .max(
            Comparator.comparingInt((OutputUnit e) -> location(e).length())
                .thenComparingInt(e -> String.valueOf(e.getKeywordLocation()).length()))
        .map(e -> e == unit ? e : deepest(e))
        .orElse(unit);
  }

  private static String location(OutputUnit unit) {
    String location = unit.getInstanceLocation();
    return location == null || location.length() <= 1 ? "" : location.substring(1);
  }

  private static String reason(OutputUnit unit) {
    String reason = unit.getError();
    if (reason == null || reason.isBlank()) {
      return "it is not as described";
    }
    String clause = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    return Character.toLowerCase(clause.charAt(0)) + clause.substring(1);
  }
}
