package dev.batuta.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How the handler of an operation gives its answer. */
final class Routes {
  static final int DEFAULT_LIMIT = 100;

  private Routes() {}

  /** A status and a body of JSON. */
  record Answer(int status, Buffer body) {
    static Answer of(int status, JsonObject body) {
      return new Answer(status, body.toBuffer());
    }

    static Answer ok(JsonObject body) {
      return of(200, body);
    }

    static Answer created(JsonObject body) {
      return of(201, body);
    }
  }

  /** Binds an operation of the contract; what the handler throws or fails with is a problem. */
  static void bind(
      RouterBuilder builder, String operation, Function<RoutingContext, Future<Answer>> handler) {
    builder
        .getRoute(operation)
        .addHandler(
            rc ->
                attempt(handler, rc)
                    .onComplete(answer -> send(rc, answer), error -> rc.fail(error)));
  }

  /** The page after which a list goes on, null at the start. */
  static @Nullable String after(RoutingContext rc) {
    return rc.queryParams().get("after");
  }

  static int limit(RoutingContext rc) {
    return RequestReader.number(rc, "limit", DEFAULT_LIMIT);
  }

  private static Future<Answer> attempt(
      Function<RoutingContext, Future<Answer>> handler, RoutingContext rc) {
    try {
      return handler.apply(rc);
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
  }

  private static void send(RoutingContext rc, Answer answer) {
    if (rc.response().closed() || rc.response().ended()) {
      return;
    }
    rc.response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(answer.body());
  }
}
