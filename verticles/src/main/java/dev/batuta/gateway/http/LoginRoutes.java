package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.Routes.Answer;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Caller.Role;
import dev.batuta.identity.LoginThrottle;
import dev.batuta.identity.TokenSigner;
import dev.batuta.identity.UserStore;
import dev.batuta.identity.UserStore.StoredUser;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Login: a password for a token. */
final class LoginRoutes {
  private static final Duration VALIDITY = Duration.ofHours(12);

  /** Passwords are hashed slowly on purpose; so many may wait for it at once. */
  private static final int MAX_PENDING = 64;

  private final UserStore users;
  private final Access access;
  private final LoginThrottle throttle = new LoginThrottle();
  private int pending;

  LoginRoutes(UserStore users, Access access) {
    this.users = users;
    this.access = access;
  }

  void bind(RouterBuilder builder) {
    Routes.bind(builder, "login", this::login);
  }

  private Future<Answer> login(RoutingContext rc) {
    String user = RequestReader.required(rc, "user");
    String password = RequestReader.required(rc, "password");
    String client = rc.request().remoteAddress().hostAddress();
    Duration wait = throttle.wait(client, user, nowMillis());
    if (wait.isPositive()) {
      throw Refused.busy(
          "too-many-logins",
          "Too many failed logins of \""
              + Refused.shown(user)
              + "\"; try again in "
              + Math.ceilDiv(wait.toMillis(), 1000)
              + " s.",
          wait);
    }
    if (pending >= MAX_PENDING) {
      throw Refused.busy(
          "too-many-logins", "Too many logins at once; try again.", Duration.ofSeconds(1));
    }
    pending++;
    return users
        .authenticate(user, password)
        .onComplete(done -> pending--)
        .compose(
            found -> {
              if (found.isEmpty()) {
                throttle.failed(client, user, nowMillis());
                return Future.failedFuture(
                    Refused.unauthenticated(
                        "login-failed",
                        "The user \""
                            + Refused.shown(user)
                            + "\" and this password do not belong together."));
              }
              throttle.succeeded(client, user);
              return issue(rc, found.get());
            });
  }

  private Future<Answer> issue(RoutingContext rc, StoredUser user) {
    Caller caller = new Caller(user.user(), roles(user));
    return access
        .tokens()
        .map(tokens -> tokens.issue(caller, VALIDITY))
        .map(
            issued -> {
              rc.response()
                  .addCookie(
                      Cookie.cookie(Access.COOKIE, issued.token())
                          .setPath("/")
                          .setHttpOnly(true)
                          .setSecure(rc.request().isSSL())
                          .setSameSite(CookieSameSite.STRICT)
                          .setMaxAge(VALIDITY.toSeconds()));
              return Answer.ok(
                  new JsonObject()
                      .put("token", issued.token())
                      .put("expiresAt", issued.expiresAt().toString())
                      .put("roles", TokenSigner.names(caller)));
            });
  }

  private static Set<Role> roles(StoredUser user) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      if (user.roles().contains(role.name().toLowerCase(Locale.ROOT))) {
        roles.add(role);
      }
    }
    return Set.copyOf(roles);
  }

  private static long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }
}
