package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Path;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code openapi.yaml}: the text that is served, and the contract that routes are built from.
 *
 * <p>vertx-openapi 5.0.10 knows few media types and refuses a file with others, so the contract
 * that it gets carries {@code application/vnd.problem+json} for {@code application/problem+json}
 * and {@code text/plain} for {@code text/event-stream}. Requests are the same in both.
 */
public final class Contract {
  private static final String RESOURCE = "/conf/openapi.yaml";

  /** What stands in the library's copy for a media type that it does not know. */
  static final Map<String, String> STAND_INS =
      Map.of(
          "application/problem+json", "application/vnd.problem+json",
          "text/event-stream", "text/plain");

  /** Who may call an operation: {@code x-who} in the file. */
  enum Who {
    OPEN,
    DEMO,
    USER,
    ADMIN
  }

  private final Buffer text;
  private final OpenAPIContract openApi;

  private Contract(Buffer text, OpenAPIContract openApi) {
    this.text = text;
    this.openApi = openApi;
  }

  /** Reads the file that is packed into the runtime. */
  public static Future<Contract> load(Vertx vertx) {
    byte[] yaml = bytes();
    JsonObject document;
    try {
      JsonNode tree = new YAMLMapper().readTree(yaml);
      document = new JsonObject(tree.toString());
    } catch (IOException malformed) {
      return Future.failedFuture(malformed);
    }
    return OpenAPIContract.from(vertx, (JsonObject) withStandIns(document))
        .map(openApi -> new Contract(Buffer.buffer(yaml), openApi));
  }

  Buffer text() {
    return text;
  }

  OpenAPIContract openApi() {
    return openApi;
  }

  /** The operation of a request, if the file has it. */
  Optional<Operation> operation(HttpMethod method, String path) {
    return Optional.ofNullable(openApi.findOperation(path, method));
  }

  /** The methods that the file has for a path, sorted; none if it does not have the path. */
  List<String> methods(String path) {
    Path found = openApi.findPath(path);
    return found == null
        ? List.of()
        : found.getOperations().stream().map(each -> each.getHttpMethod().name()).sorted().toList();
  }

  static Who who(Operation operation) {
    return Who.valueOf(
        operation.getOpenAPIModel().getString("x-who", "admin").toUpperCase(Locale.ROOT));
  }

  private static byte[] bytes() {
    try (InputStream in = Contract.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static Object withStandIns(Object value) {
    return switch (value) {
      case JsonObject object -> {
        JsonObject copy = new JsonObject();
        object.forEach(
            field ->
                copy.put(
                    STAND_INS.getOrDefault(field.getKey(), field.getKey()),
                    field.getValue() == null ? null : withStandIns(field.getValue())));
        yield copy;
      }
      case JsonArray array -> {
        JsonArray copy = new JsonArray();
        array.forEach(element -> copy.add(element == null ? null : withStandIns(element)));
        yield copy;
      }
      default -> value;
    };
  }
}
