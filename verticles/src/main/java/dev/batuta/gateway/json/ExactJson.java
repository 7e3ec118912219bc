package dev.batuta.gateway.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.batuta.codec.Refused;
import dev.batuta.database.KeepableJson;
import dev.batuta.task.ExactNumbers;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Request bodies as JSON whose numbers are exact, within {@link JsonBounds}. */
public final class ExactJson {
  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(JsonBounds.CONSTRAINTS)
          .build();

  private static final ObjectReader READER =
      ExactNumbers.mapper(FACTORY).build().readerFor(JsonNode.class);

  /** Without looking for names that come twice: who reads by it has to. */
  private static final JsonFactory PLAIN =
      new JsonFactoryBuilder(FACTORY).disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private ExactJson() {}

  /** The tokens of a body, within the same bounds. */
  static JsonParser parser(byte[] body) throws IOException {
    return PLAIN.createParser(body);
  }

  /** The object in a body; anything else is refused with the place where it goes wrong. */
  public static ObjectNode object(Buffer body) {
    byte[] bytes = body.getBytes();
    checkUtf8(bytes);
    JsonNode parsed;
    String complaint;
    try {
      parsed = READER.readValue(bytes);
      complaint = complaint(bytes);
    } catch (IOException | NumberFormatException unreadable) {
      throw JsonBounds.areExceeded(unreadable) ? JsonBounds.exceeded() : malformed(unreadable);
    }
    if (complaint != null) {
      throw Refused.invalid("invalid-text", complaint + "; correct it.");
    }
    if (parsed instanceof ObjectNode object) {
      return object;
    }
    throw Refused.invalid(
        "malformed-json",
        "The body is "
            + (parsed.isMissingNode() ? "empty" : "not a JSON object")
            + "; send an object such as {\"name\": \"value\"}.");
  }

  /** What cannot be kept of a body in UTF-8: only an escape can write it there. */
  private static @Nullable String complaint(byte[] body) throws IOException {
    if (!hasEscapedCharacters(body)) {
      return null;
    }
    try (JsonParser again = parser(body)) {
      return KeepableJson.complaint(again);
    }
  }

  private static boolean hasEscapedCharacters(byte[] body) {
    for (int i = 1; i < body.length; i++) {
      if (body[i] == 'u' && body[i - 1] == '\\') {
        return true;
      }
    }
    return false;
  }

  /** The parser reads some bytes that are no UTF-8, such as a letter in two, as if they were. */
  static void checkUtf8(byte[] body) {
    if (isAscii(body) || new String(body, StandardCharsets.UTF_8).indexOf('\uFFFD') < 0) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(body);
    CharBuffer text = CharBuffer.allocate(body.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true).isError()) {
      throw Refused.invalid(
          "malformed-json",
          "The body is no UTF-8 from its byte " + (bytes.position() + 1) + " on; encode it so.");
    }
  }

  /** Without a way out of the loop, so that it takes many bytes at a time. */
  private static boolean isAscii(byte[] body) {
    int all = 0;
    for (byte each : body) {
      all |= each;
    }
    return all >= 0;
  }

  private static Refused malformed(Exception malformed) {
    return Refused.invalid(
        "malformed-json",
        "The body is not JSON"
            + (malformed instanceof JacksonException complaint ? where(complaint) : "; mend it")
            + ".");
  }

  /** What is no value there is not repeated: it may be a password without its quotes. */
  private static String where(JacksonException malformed) {
    JsonLocation at = malformed.getLocation();
    String place =
        at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    String message =
        malformed
            .getOriginalMessage()
            .replaceFirst("^Unrecognized token '[^']*'", "Unrecognized token")
            .replace('\n', ' ')
            .replaceAll("\\.+$", "");
    return place + ": " + Refused.shown(message);
  }
}
