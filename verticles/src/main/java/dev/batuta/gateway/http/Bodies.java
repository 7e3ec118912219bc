package dev.batuta.gateway.http;

import dev.batuta.gateway.HeldBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.impl.RoutingContextInternal;

/**
 * Reads the bodies of requests, as far as there is room for them. A body that says how long it is
 * has all its room before any of it is kept, so that what has begun can end; each keeps it until
 * its request is answered. Belongs to the event loop of its verticle.
 */
final class Bodies {
  /** Of a request without a token: enough for a login. */
  private static final long ANONYMOUS_BYTES = 64 * 1024;

  private final HeldBytes held;
  private final long mostBytes;
  private final long mostAnonymousBytes;
  private final BodyHandler known;
  private final BodyHandler anonymous;

  Bodies(HeldBytes held, long mostBytes) {
    this.held = held;
    this.mostBytes = mostBytes;
    this.mostAnonymousBytes = Math.min(ANONYMOUS_BYTES, mostBytes);
    this.known = BodyHandler.create(false).setBodyLimit(mostBytes);
    this.anonymous = BodyHandler.create(false).setBodyLimit(mostAnonymousBytes);
  }

  /** Reads one, and goes on with its request when it is whole. */
  void read(RoutingContext rc) {
    boolean isKnown = Access.known(rc).isPresent();
    long limit = isKnown ? mostBytes : mostAnonymousBytes;
    rc.put(Problems.BODY_LIMIT, limit);
    HttpServerRequest request = rc.request();
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null && request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      readToItsEnd(rc, limit);
      return;
    }
    // The decoder has seen that it is a number.
    long bytes = length == null ? 0 : Long.parseLong(length);
    if (bytes <= HeldBytes.SMALL || bytes > limit || hasRoom(rc, Math.toIntExact(bytes))) {
      (isKnown ? known : anonymous).handle(rc);
    }
  }

  private boolean hasRoom(RoutingContext rc, int bytes) {
    HeldBytes.Share room = held.share();
    if (!room.hold(bytes)) {
      rc.fail(room.full());
      return false;
    }
    rc.addEndHandler(answered -> room.giveBack());
    return true;
  }

  /** One that does not say how long it is takes room as it comes. */
  private void readToItsEnd(RoutingContext rc, long limit) {
    HeldBytes.Share room = held.share();
    rc.addEndHandler(answered -> room.giveBack());
    Buffer body = Buffer.buffer();
    rc.request()
        .exceptionHandler(broken -> rc.fail(400, broken))
        .handler(
            piece -> {
              int bytes = body.length() + piece.length();
              if (rc.failed()) {
                return;
              }
              if (bytes > limit) {
                rc.fail(413);
              } else if (!room.hold(bytes)) {
                rc.fail(room.full());
              } else {
                body.appendBuffer(piece);
              }
            })
        .endHandler(
            whole -> {
              if (!rc.failed()) {
                ((RoutingContextInternal) rc).setBody(body);
                rc.next();
              }
            })
        .resume();
  }
}
