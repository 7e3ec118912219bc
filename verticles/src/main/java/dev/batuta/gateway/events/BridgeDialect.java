package dev.batuta.gateway.events;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a bridge writes its frames. The two of Vert.x differ in how they name an event, and in where
 * they say why they refuse. A refusal also has the address that its client waits at, which those
 * leave out: without it nobody knows what was refused.
 */
public enum BridgeDialect {
  SOCKJS {
    @Override
    JsonObject event(String address, Object body) {
      return new JsonObject().put("type", "rec").put("address", address).put("body", body);
    }

    @Override
    JsonObject reply(String address, Object body) {
      return event(address, body);
    }

    @Override
    JsonObject error(String word) {
      return new JsonObject().put("type", "err").put("body", word);
    }

    @Override
    Optional<JsonObject> pong() {
      return Optional.empty();
    }
  },
  TCP {
    @Override
    JsonObject event(String address, Object body) {
      return message(address, body, false);
    }

    @Override
    JsonObject reply(String address, Object body) {
      return message(address, body, true);
    }

    private static JsonObject message(String address, Object body, boolean send) {
      return new JsonObject()
          .put("type", "message")
          .put("address", address)
          .put("headers", new JsonObject())
          .put("send", send)
          .put("body", body);
    }

    @Override
    JsonObject error(String word) {
      return new JsonObject().put("type", "err").put("message", word);
    }

    @Override
    Optional<JsonObject> pong() {
      return Optional.of(new JsonObject().put("type", "pong"));
    }
  };

  abstract JsonObject event(String address, Object body);

  abstract JsonObject reply(String address, Object body);

  /** That is about no frame. */
  abstract JsonObject error(String word);

  /** The answer to a ping: clients of SockJS would take one for an event that nobody handles. */
  abstract Optional<JsonObject> pong();

  /** What a connection that ends is told. */
  public JsonObject error(Failure why) {
    return error(why.code()).put("detail", why.message());
  }

  /** That a frame is refused. */
  JsonObject refusal(String address, @Nullable String replyAddress, String word, String detail) {
    return refusal(address, replyAddress, word, 403, detail);
  }

  /** That what a frame asked for failed. */
  JsonObject refusal(String address, @Nullable String replyAddress, Refused why) {
    Failure failure = why.failure();
    return refusal(
        address, replyAddress, failure.code(), number(failure.kind()), failure.message());
  }

  private JsonObject refusal(
      String address, @Nullable String replyAddress, String word, int number, String detail) {
    JsonObject frame =
        error(word)
            .put("address", replyAddress == null ? address : replyAddress)
            .put("failureCode", number)
            .put("failureType", "RECIPIENT_FAILURE")
            .put("message", word)
            .put("detail", detail);
    return replyAddress == null ? frame : frame.put("sourceAddress", address);
  }

  /** As the statuses of HTTP have it, so that one table tells both. */
  private static int number(Failure.Kind kind) {
    return switch (kind) {
      case INVALID -> 400;
      case UNAUTHENTICATED -> 401;
      case FORBIDDEN -> 403;
      case NOT_FOUND -> 404;
      case CONFLICT, FENCED -> 409;
      case TOO_LARGE -> 413;
      case BUSY -> 429;
      case UNAVAILABLE -> 503;
      case UNKNOWN -> 504;
      case INTERNAL -> 500;
    };
  }
}
