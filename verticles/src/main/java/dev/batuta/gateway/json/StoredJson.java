package dev.batuta.gateway.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import dev.batuta.database.Results;
import io.vertx.core.shareddata.Shareable;
import java.io.IOException;
import java.io.StringWriter;

/**
 * JSON that a client or a worker gave, as a value inside of an answer or an event: written as it
 * was stored, whatever is in it. Its limits were checked when it came in; those of this version are
 * not asked for again, so what an older one took can be read.
 *
 * @param compact without blanks and line breaks between its tokens, which would end an event
 */
public record StoredJson(String compact) implements JsonSerializable, Shareable {
  /** A text that is no JSON, which nothing stores, is a text of JSON. */
  public static Object of(String json) {
    StringWriter compact = new StringWriter(json.length());
    int values = 0;
    try (JsonParser from = Results.JSON.createParser(json);
        JsonGenerator to = Results.JSON.createGenerator(compact)) {
      for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
        if (token.isNumeric()) {
          to.writeNumber(from.getText()); // every digit of it
        } else {
          to.copyCurrentEvent(from);
        }
        values += from.getParsingContext().inRoot() ? 1 : 0;
      }
    } catch (IOException malformed) {
      return json;
    }
    return values == 1 ? new StoredJson(compact.toString()) : json;
  }

  @Override
  public void serialize(JsonGenerator to, SerializerProvider context) throws IOException {
    to.writeRawValue(compact);
  }

  @Override
  public void serializeWithType(JsonGenerator to, SerializerProvider context, TypeSerializer types)
      throws IOException {
    serialize(to, context);
  }
}
