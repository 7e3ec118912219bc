package dev.batuta.gateway.http;

import dev.batuta.codec.Refused;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The address of a request: ASCII, in which other characters are percent-encoded UTF-8, and whose
 * path leads through no step. Who decodes it otherwise reads another name than the client meant.
 */
final class Address {
  private static final Set<String> STEPS = Set.of(".", "..");

  private Address() {}

  /** Refuses an address that is none. */
  static void check(HttpServerRequest request) {
    String path = request.path();
    for (String segment : (path == null ? "" : path).split("/", -1)) {
      String name = text("The path segment", segment);
      if (STEPS.contains(name)) {
        throw refused(
            "The path segment",
            segment,
            "a step and no name; names that no path can have are given in the query");
      }
    }
    String query = request.query();
    for (String part : (query == null ? "" : query).split("[&=]", -1)) {
      text("The query has", part);
    }
  }

  private static String text(String what, String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c > '~') {
        throw refused(what, encoded, "beyond ASCII; percent-encode it as UTF-8");
      }
      if (c != '%') {
        bytes.write(c);
        continue;
      }
      int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(encoded.charAt(i + 2), 16);
      if (low < 0) {
        throw refused(
            what, encoded, "with a % that two hexadecimal digits do not follow; write %25");
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException malformed) {
      throw refused(what, encoded, "no UTF-8; encode the bytes of UTF-8");
    }
  }

  private static Refused refused(String what, String encoded, String why) {
    return Refused.invalid(
        "bad-address", what + " \"" + Refused.shown(encoded) + "\", " + why + ".");
  }
}
