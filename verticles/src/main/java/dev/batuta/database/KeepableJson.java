package dev.batuta.database;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.batuta.codec.Text;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON whose texts, and names of members, can all be kept. The escapes of JSON can write what UTF-8
 * cannot, see {@link Text#complaint}.
 */
public final class KeepableJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private KeepableJson() {}

  /**
   * What cannot be kept in JSON that was read before; null if nothing, or if it is no JSON, which
   * is for others to say.
   */
  public static @Nullable String complaint(String json) {
    if (json.indexOf("\\u") < 0 && Text.complaint(json) == null) {
      return null;
    }
    try (JsonParser parser = FACTORY.createParser(json)) {
      return complaint(parser);
    } catch (IOException malformed) {
      return null;
    }
  }

  /**
   * What cannot be kept, and where (RFC 6901), such as {@code The text at /payload/a/0 has half of
   * a surrogate pair (..) as its character 2}; null if nothing.
   */
  public static @Nullable String complaint(JsonParser parser) throws IOException {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
        String complaint = Text.complaint(parser.getText());
        if (complaint != null) {
          String what = token == JsonToken.FIELD_NAME ? "The name at " : "The text at ";
          String pointer = parser.getParsingContext().pathAsPointer().toString();
          return what + Text.keepable(pointer.isEmpty() ? "/" : pointer) + " " + complaint;
        }
      }
    }
    return null;
  }
}
