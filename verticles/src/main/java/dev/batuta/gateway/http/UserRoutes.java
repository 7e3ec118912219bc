package dev.batuta.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.UserService;
import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.List;
import java.util.stream.StreamSupport;

/** Users with passwords over HTTP; {@link UserService} has the rules. */
final class UserRoutes {
  private final UserService users;

  UserRoutes(UserService users) {
    this.users = users;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "setLogin", this::set);
  }

  private Future<Answer> set(RoutingContext rc) {
    JsonNode given = RequestReader.body(rc).path("roles");
    List<String> roles =
        StreamSupport.stream(given.spliterator(), false).map(JsonNode::textValue).toList();
    String user = RequestReader.required(rc, "user");
    String password = RequestReader.required(rc, "password");
    return users.set(Access.caller(rc), user, password, roles).map(set -> Answer.ok(json(set)));
  }

  private static JsonObject json(StoredUser user) {
    return new JsonObject().put("user", user.user()).put("roles", new JsonArray(user.roles()));
  }
}
