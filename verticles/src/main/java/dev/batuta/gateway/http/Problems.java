package dev.batuta.gateway.http;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.tracing.CurrentTrace;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every error leaves as {@code application/problem+json} (RFC 9457) with a stable code. */
final class Problems {
  static final String MEDIA_TYPE = "application/problem+json";

  /** Under this key a request carries how many bytes its body may have. */
  static final String BODY_LIMIT = "dev.batuta.limit";

  /** Under this key a request that was refused carries the code. */
  private static final String CODE = "dev.batuta.code";

  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  private Problems() {}

  /** Why a request was refused, if it was. */
  static Optional<String> code(RoutingContext rc) {
    return Optional.ofNullable(rc.get(CODE));
  }

  /**
   * Who hung up cannot be answered, nor who sends as a body what is none of HTTP: Vert.x (5.0.10)
   * ends that connection before. Neither is a fault of this node.
   */
  static void ofTheClient(RoutingContext rc) {
    if (rc.response().closed() || isBodyBroken(rc)) {
      LOG.atDebug().setCause(rc.failure()).log("a client hung up, or sent no HTTP");
      rc.request().connection().close();
    } else {
      rc.next();
    }
  }

  /**
   * While a body that was announced is read nothing else is done with its request. One without a
   * body need not have ended when it is handled.
   */
  private static boolean isBodyBroken(RoutingContext rc) {
    MultiMap headers = rc.request().headers();
    Throwable failure = rc.failure();
    return rc.get(BODY_LIMIT) != null
        && !rc.request().isEnded()
        && (headers.contains(HttpHeaders.CONTENT_LENGTH)
            || headers.contains(HttpHeaders.TRANSFER_ENCODING))
        && failure != null
        && !(failure instanceof HttpException)
        && !(failure instanceof Refused);
  }

  /** Ends a request whose handling failed. */
  static void answer(RoutingContext rc) {
    if (rc.response().ended() || rc.response().headWritten()) {
      rc.request().connection().close();
      return;
    }
    Throwable error = rc.failure();
    if (error instanceof HttpException http && http.getCause() != null) {
      error = http.getCause();
    }
    if (error instanceof Refused refused) {
      send(rc, refused.failure());
    } else if (error instanceof ValidatorException invalid) {
      send(rc, Wording.of(invalid, rc));
    } else {
      byStatus(rc, error instanceof HttpException http ? http.getStatusCode() : rc.statusCode());
    }
  }

  /** Nothing of the contract is here, or nothing for this method. */
  static void unknownPath(RoutingContext rc, Contract contract) {
    missing(rc, contract.methods(rc.normalizedPath()));
  }

  /** What no route of the site took: it is read, and nothing else; the bridge has no such path. */
  static void unknownSitePath(RoutingContext rc) {
    boolean read = SiteRoutes.METHODS.contains(rc.request().method());
    boolean bridge = rc.normalizedPath().startsWith("/eventbus/");
    missing(
        rc,
        read || bridge ? List.of() : SiteRoutes.METHODS.stream().map(HttpMethod::name).toList());
  }

  /** 404 where no method exists, else 405 with those that do (RFC 9110, section 15.5.6). */
  private static void missing(RoutingContext rc, List<String> allowed) {
    if (allowed.isEmpty()) {
      byStatus(rc, 404);
    } else {
      String methods = String.join(", ", allowed);
      rc.response().putHeader("Allow", methods);
      send(
          rc, 405, "method-not-allowed", target(rc) + " does not exist; there is " + methods + ".");
    }
  }

  /** A problem, with the trace of the request; of one that gave none its own. */
  static JsonObject body(int status, String title, String code, String sentence) {
    return new JsonObject()
        .put("type", "about:blank")
        .put("title", title)
        .put("status", status)
        .put("detail", sentence)
        .put("code", code)
        .put(CurrentTrace.KEY, CurrentTrace.getOrBegin().traceId());
  }

  /** The status of each kind of refusal. */
  static int status(Failure.Kind kind) {
    return switch (kind) {
      case INVALID -> 400;
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT -> 409;
      case TOO_LARGE -> 413;
      case BUSY -> 429;
      case UNAVAILABLE, FENCED -> 503;
      case UNKNOWN -> 504;
      case INTERNAL -> 500;
    };
  }

  static void send(RoutingContext rc, Failure failure) {
    int status = status(failure.kind());
    if (status == 429 || status == 503) {
      long seconds = Math.max(1, Math.ceilDiv(failure.retryAfterMillis(), 1000));
      rc.response().putHeader("Retry-After", Long.toString(seconds));
    }
    if (status == 401) {
      rc.response().putHeader("WWW-Authenticate", "Bearer realm=\"batuta\"");
    }
    send(rc, status, failure.code(), failure.message());
  }

  private static void byStatus(RoutingContext rc, int status) {
    String target = target(rc);
    switch (status) {
      case 400 -> send(rc, 400, "bad-request", target + " is not a valid request.");
      case 404 ->
          send(rc, 404, "not-found", target + " does not exist; /openapi.yaml lists what does.");
      case 413 ->
          send(
              rc,
              413,
              "too-large",
              "The body of " + target + " is over " + rc.get(BODY_LIMIT) + " bytes; send less.");
      default -> defect(rc, target, rc.failure());
    }
  }

  private static String target(RoutingContext rc) {
    return rc.request().method() + " " + Refused.shown(rc.request().path());
  }

  private static void defect(RoutingContext rc, String target, @Nullable Throwable error) {
    CurrentTrace.getOrBegin(); // so that the line and the answer name the same
    LOG.atError().setCause(error).addKeyValue("request", target).log("a request failed");
    send(rc, 500, "internal", "An internal error; the log of this node says more.");
  }

  private static void send(RoutingContext rc, int status, String code, String sentence) {
    JsonObject problem =
        body(status, HttpResponseStatus.valueOf(status).reasonPhrase(), code, sentence);
    rc.put(CODE, code);
    rc.response()
        .setStatusCode(status)
        .putHeader("Content-Type", MEDIA_TYPE)
        .putHeader("Cache-Control", "no-store")
        .end(problem.toBuffer());
  }
}
