package dev.batuta.gateway.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client of a bridge says.
 *
 * @param address empty for a ping
 * @param replyAddress where the client waits for the answer, null where it waits for none
 * @param token of the header {@code Authorization}, if there is one
 * @param body a missing node where there is none
 */
record BridgeFrame(
    Type type,
    String address,
    @Nullable String replyAddress,
    Optional<String> token,
    JsonNode body) {
  /** Longer addresses are nobody's. */
  private static final int MAX_ADDRESS = 128;

  /** What it wants. */
  enum Type {
    PING,
    REGISTER,
    UNREGISTER,
    SEND,
    PUBLISH
  }

  /** A frame that is none, by the word that the bridges of Vert.x have for it. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String word) {
      super(word, null, false, false);
    }
  }

  static BridgeFrame of(ObjectNode frame) throws Malformed {
    Type type = type(frame.path("type"));
    String address = text(frame.path("address"));
    if (address == null && type != Type.PING) {
      throw new Malformed("missing_address");
    }
    String replyAddress = text(frame.path("replyAddress"));
    if (replyAddress != null && replyAddress.length() > MAX_ADDRESS) {
      throw new Malformed("invalid_reply_address");
    }
    return new BridgeFrame(
        type,
        address == null ? "" : address,
        replyAddress,
        token(frame.path("headers")),
        frame.path("body"));
  }

  private static Type type(JsonNode type) throws Malformed {
    String name = text(type);
    if (name == null) {
      throw new Malformed("missing_type");
    }
    return switch (name) {
      case "ping" -> Type.PING;
      case "register" -> Type.REGISTER;
      case "unregister" -> Type.UNREGISTER;
      case "send" -> Type.SEND;
      case "publish" -> Type.PUBLISH;
      default -> throw new Malformed("unknown_type");
    };
  }

  private static Optional<String> token(JsonNode headers) {
    String header = text(headers.path("Authorization"));
    String given = header == null ? text(headers.path("authorization")) : header;
    return given != null && given.regionMatches(true, 0, "Bearer ", 0, 7)
        ? Optional.of(given.substring(7).strip())
        : Optional.empty();
  }

  private static @Nullable String text(JsonNode node) {
    return node.isTextual() ? node.textValue() : null;
  }
}
