package dev.batuta.gateway.http;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
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
  private static final Pattern MISSING = Pattern.compile("required property \"(.*)\"$");
  private static final Pattern TYPE = Pattern.compile("Expected (.*)$");
  private static final Pattern CHOICE = Pattern.compile("any of \\[(.*)]");
  private static final String PASSWORD = "password";
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
    String subject = "The " + in + " parameter " + name;
    return error instanceof SchemaValidationException schema
        ? sentence(subject, "\"" + value + "\"", deepest(schema.getOutputUnit()))
        : subject + " is \"" + Refused.shown(value) + "\", which cannot be read" + SEE;
  }

  private static String field(OutputUnit unit, ObjectNode body) {
    OutputUnit error = deepest(unit);
    String pointer = location(error);
    String name = pointer.isEmpty() ? "" : pointer.substring(1).replace('/', '.');
    Matcher missing = MISSING.matcher(String.valueOf(error.getError()));
    if (missing.find()) {
      return (name.isEmpty() ? "" : name + ".") + missing.group(1) + " is missing" + SEE;
    }
    if (String.valueOf(error.getError()).contains("additional properties schema")) {
      return name + " is unknown; leave it out" + SEE;
    }
    return sentence(name.isEmpty() ? "The body" : name, value(body, pointer), error);
  }

  /** Without any password: a terminal may show a sentence, or a log keep it. */
  private static String value(ObjectNode body, String pointer) {
    ObjectNode shown = body.deepCopy();
    for (JsonNode holder : shown.findParents(PASSWORD)) {
      ((ObjectNode) holder).put(PASSWORD, "***");
    }
    JsonNode value = shown.at(JsonPointer.compile(pointer));
    return pointer.endsWith("/" + PASSWORD) ? value.textValue() : value.toString();
  }

  private static String sentence(String subject, String value, OutputUnit error) {
    String reason = String.valueOf(error.getError());
    String is = subject + " is " + Refused.shown(value);
    Matcher type = TYPE.matcher(reason);
    if (type.find()) {
      return is + "; it must be of type " + type.group(1).replace("\"", "") + SEE;
    }
    Matcher choice = CHOICE.matcher(reason);
    if (choice.find()) {
      return is + "; use one of " + choice.group(1).replace(",", ", ") + SEE;
    }
    String clause = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    return is + "; " + Character.toLowerCase(clause.charAt(0)) + clause.substring(1) + SEE;
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
}
