package dev.batuta.gateway.http;

import dev.batuta.codec.Failure;
import dev.batuta.gateway.services.Servers.Heard;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** What came of asking every server, as clients read it. */
final class ClusterAnswers {
  private ClusterAnswers() {}

  /** {@code {at, servers}}. */
  static <M> JsonObject body(List<Heard<M>> all, Function<M, JsonObject> told) {
    JsonArray items = new JsonArray();
    all.forEach(heard -> items.add(json(heard, told)));
    return body(items);
  }

  static JsonObject body(JsonArray items) {
    return new JsonObject().put("at", Instant.now().toString()).put("servers", items);
  }

  /** What one said; of one that did not, why. */
  private static <M> JsonObject json(Heard<M> heard, Function<M, JsonObject> told) {
    return switch (heard) {
      case Heard.Told<M>(M answer) -> told.apply(answer);
      case Heard.Silent<M>(String server, Failure why) ->
          new JsonObject()
              .put("server", server)
              .put("code", why.code())
              .put("detail", why.message());
    };
  }
}
