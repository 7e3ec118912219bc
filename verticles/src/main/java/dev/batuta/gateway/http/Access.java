package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import dev.batuta.gateway.http.Contract.Who;
import dev.batuta.gateway.services.LoginService;
import dev.batuta.identity.Caller;
import dev.batuta.identity.Session;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import io.vertx.openapi.contract.Operation;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, decided before a body is read. An operation says who in the contract; metrics
 * take any token, and one of their own; the SockJS bridge decides by address; what is not an
 * operation is open.
 */
final class Access implements SecurityPolicyHandler {
  /** The cookie that login sets, for SSE and SockJS, which cannot send a header. */
  static final String COOKIE = "batuta_token";

  private static final String METRICS = "/metrics";
  private static final String SESSION = "dev.batuta.session";
  private final Contract contract;
  private final LoginService logins;
  private final boolean demo;
  private final ScrapeToken scrapeToken;

  /**
   * @param metricsToken of who reads {@code /metrics} and nothing else
   */
  Access(Contract contract, LoginService logins, boolean demo, Optional<String> metricsToken) {
    this.contract = contract;
    this.logins = logins;
    this.demo = demo;
    this.scrapeToken = new ScrapeToken(metricsToken);
  }

  /** What the token of the request says, if it has a valid one. */
  static Optional<Session> session(RoutingContext rc) {
    return Optional.ofNullable(rc.get(SESSION));
  }

  /** The caller, if the request has a valid token. */
  static Optional<Caller> known(RoutingContext rc) {
    return session(rc).map(Session::caller);
  }

  /** The caller of an operation that needs one. */
  static Caller caller(RoutingContext rc) {
    return known(rc).orElseThrow(Access::missing);
  }

  static RuntimeException missing() {
    return Refused.unauthenticated(
        "token-missing",
        "The token is missing; log in and send the header Authorization: Bearer TOKEN.");
  }

  @Override
  public void handle(RoutingContext rc) {
    HttpServerRequest request = rc.request();
    try {
      Address.check(request);
    } catch (Refused refused) {
      rc.fail(refused);
      return;
    }
    String path = rc.normalizedPath();
    Optional<Operation> operation = contract.operation(request.method(), path);
    Who who = operation.map(Contract::who).orElseGet(() -> other(path));
    if (who == Who.OPEN || (path.equals(METRICS) && scrapeToken.comesWith(request))) {
      checkMediaType(rc, operation);
      return;
    }
    boolean open = who == Who.DEMO && demo;
    String header = ScrapeToken.bearer(request);
    String token = header != null ? header : cookie(rc);
    if (token == null) {
      if (open) {
        checkMediaType(rc, operation);
      } else {
        rc.fail(missing());
      }
      return;
    }
    Future<Session> session = logins.session(token);
    if (!session.isComplete()) {
      request.pause();
      session.onComplete(read -> request.resume());
    }
    session.onComplete(
        known -> admit(rc, operation, who, known),
        error -> {
          if (open && header == null) {
            checkMediaType(rc, operation);
          } else {
            rc.fail(error);
          }
        });
  }

  private static void admit(
      RoutingContext rc, Optional<Operation> operation, Who who, Session session) {
    if (who == Who.ADMIN && !session.caller().isAdmin()) {
      rc.fail(session.caller().noAdmin());
      return;
    }
    rc.put(SESSION, session);
    checkMediaType(rc, operation);
  }

  private static void checkMediaType(RoutingContext rc, Optional<Operation> operation) {
    String given = rc.request().getHeader(HttpHeaders.CONTENT_TYPE);
    boolean hasBody = operation.isPresent() && operation.get().getRequestBody() != null;
    if (hasBody
        && given != null
        && !given.toLowerCase(Locale.ROOT).matches("application/json\\s*(;.*)?")) {
      rc.fail(
          Refused.invalid(
              "media-type",
              "Content-Type is \"" + Refused.shown(given) + "\"; send application/json."));
      return;
    }
    rc.next();
  }

  /** The bridge is open as a door; each address behind it is decided by itself. */
  private Who other(String path) {
    if (path.equals(METRICS)) {
      return Who.USER;
    }
    return path.startsWith("/eventbus/") && !path.equals("/eventbus/info") ? bridge() : Who.OPEN;
  }

  private Who bridge() {
    return demo ? Who.DEMO : Who.USER;
  }

  /** Only where a browser cannot send a header: everywhere else a cookie would invite forgeries. */
  private static @Nullable String cookie(RoutingContext rc) {
    String path = rc.normalizedPath();
    if (!path.equals("/api/v1/events") && !path.startsWith("/eventbus/")) {
      return null;
    }
    Cookie cookie = rc.request().getCookie(COOKIE);
    return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
  }
}
