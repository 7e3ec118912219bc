package dev.batuta.gateway.http;

import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.KeyService;
import dev.batuta.identity.SigningKey;
import dev.batuta.identity.SigningKeys;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys that sign tokens over HTTP; {@link KeyService} has the rules. */
final class KeyRoutes {
  private final KeyService keys;

  KeyRoutes(KeyService keys) {
    this.keys = keys;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(
        builder, "listKeys", rc -> keys.all(Access.caller(rc)).map(all -> Answer.ok(json(all))));
    Routes.bind(
        builder,
        "rotateKeys",
        rc -> keys.rotate(Access.caller(rc)).map(all -> Answer.ok(json(all))));
  }

  private static JsonObject json(List<SigningKey> all) {
    JsonArray items = new JsonArray();
    all.forEach(key -> items.add(json(key)));
    return new JsonObject().put("signs", all.getLast().id()).put("items", items);
  }

  private static JsonObject json(SigningKey key) {
    return new JsonObject()
        .put("id", key.id())
        .put("createdAt", key.createdAt().toString())
        .put("retiredAt", text(key.retiredAt().orElse(null)))
        .put(
            "keptUntil",
            text(key.retiredAt().map(at -> at.plus(SigningKeys.OVERLAP)).orElse(null)));
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
