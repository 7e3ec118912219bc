package dev.batuta.gateway.http;

import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.identity.Session;
import dev.batuta.identity.TokenSigner;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;

/** Login over HTTP, with a cookie for browsers; {@link LoginService} has the rules. */
final class LoginRoutes {
  private final LoginService logins;

  LoginRoutes(LoginService logins) {
    this.logins = logins;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "login", this::login);
  }

  private Future<Answer> login(RoutingContext rc) {
    String user = RequestReader.required(rc, "user");
    String password = RequestReader.required(rc, "password");
    return logins
        .login(rc.request().remoteAddress().hostAddress(), user, password)
        .map(
            session -> {
              rc.response().addCookie(cookie(rc, session));
              return Answer.ok(
                  new JsonObject()
                      .put("token", session.token())
                      .put("expiresAt", session.expiresAt().toString())
                      .put("roles", TokenSigner.names(session.caller())));
            });
  }

  private static Cookie cookie(RoutingContext rc, Session session) {
    return Cookie.cookie(Access.COOKIE, session.token())
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(rc.request().isSSL())
        .setSameSite(CookieSameSite.STRICT)
        .setMaxAge(Session.OF_PASSWORD.toSeconds());
  }
}
