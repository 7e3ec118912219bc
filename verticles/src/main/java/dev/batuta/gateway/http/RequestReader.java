package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.json.ExactJson;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hands a request to the OpenAPI library as it was meant, and keeps its body with exact numbers.
 *
 * <p>The library's own extractor decodes percent signs twice and reads a text such as {@code 1.5}
 * or {@code -7} as a number; here each text goes to it as a JSON text.
 */
final class RequestReader implements RequestExtractor {
  private static final String BODY = "dev.batuta.body";
  private static final ObjectNode NO_BODY = JsonNodeFactory.instance.objectNode();

  /** Bodies above this are parsed off the event loop. */
  private static final int SMALL_BODY_BYTES = 32 * 1024;

  @Override
  public Future<ValidatableRequest> extractValidatableRequest(
      RoutingContext rc, Operation operation) {
    Buffer body = isRead(operation) ? null : rc.body().buffer();
    if (body == null || body.length() == 0) {
      return Future.succeededFuture(request(rc, operation, new RequestParameterImpl(null)));
    }
    // What takes no body is not carried out for one that is none: the client meant something else.
    Object wanted = operation.getRequestBody() == null ? null : body;
    return parse(rc, body).map(parsed -> request(rc, operation, new RequestParameterImpl(wanted)));
  }

  /** Whether it only reads: a body means nothing then. */
  private static boolean isRead(Operation operation) {
    return operation.getHttpMethod().equals(HttpMethod.GET)
        || operation.getHttpMethod().equals(HttpMethod.HEAD);
  }

  /** Parses a body and keeps it for {@link #body}. */
  static Future<ObjectNode> parse(RoutingContext rc, Buffer body) {
    Future<ObjectNode> parsed;
    if (body.length() > SMALL_BODY_BYTES) {
      parsed = rc.vertx().executeBlocking(() -> ExactJson.object(body), false);
    } else {
      parsed = Future.future(promise -> promise.complete(ExactJson.object(body)));
    }
    return parsed.onSuccess(object -> rc.put(BODY, object));
  }

  /** The body of a request; an empty object if it has none. */
  static ObjectNode body(RoutingContext rc) {
    ObjectNode body = rc.get(BODY);
    return body == null ? NO_BODY : body;
  }

  /** A text of the body, null if it is missing. */
  static @Nullable String text(RoutingContext rc, String field) {
    return body(rc).path(field).textValue();
  }

  /** A text of the body that the contract requires. */
  static String required(RoutingContext rc, String field) {
    String value = text(rc, field);
    if (value == null) {
      throw Refused.invalid("invalid-request", field + " is missing.");
    }
    return value;
  }

  /** A parameter as the client meant it, null if it is missing. */
  static @Nullable String parameter(RoutingContext rc, String in, String name) {
    return switch (in) {
      case "query" -> rc.queryParams().get(name);
      case "path" -> rc.pathParam(name);
      case "header" -> rc.request().getHeader(name);
      default -> null;
    };
  }

  /** A text in the query that the contract requires. */
  static String query(RoutingContext rc, String name) {
    return Objects.requireNonNull(rc.queryParams().get(name), name);
  }

  /** A number in the query that the contract has checked. */
  static int number(RoutingContext rc, String name, int otherwise) {
    String value = rc.queryParams().get(name);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  private static ValidatableRequest request(
      RoutingContext rc, Operation operation, RequestParameter body) {
    Map<Location, Map<String, RequestParameter>> parameters = new EnumMap<>(Location.class);
    for (Location location : Location.values()) {
      parameters.put(location, new HashMap<>());
    }
    for (Parameter parameter : operation.getParameters()) {
      String in = parameter.getIn().name().toLowerCase(Locale.ROOT);
      String value = parameter(rc, in, parameter.getName());
      if (value != null) {
        boolean isText = parameter.getSchemaType() == SchemaType.STRING;
        place(parameters, parameter.getIn())
            .put(
                parameter.getName(), new RequestParameterImpl(isText ? Json.encode(value) : value));
      }
    }
    return new ValidatableRequestImpl(
        place(parameters, Location.COOKIE),
        place(parameters, Location.HEADER),
        place(parameters, Location.PATH),
        place(parameters, Location.QUERY),
        body,
        "application/json");
  }

  private static Map<String, RequestParameter> place(
      Map<Location, Map<String, RequestParameter>> parameters, Location in) {
    return parameters.getOrDefault(in, Map.of());
  }
}
