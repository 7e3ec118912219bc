package dev.batuta.codec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import org.msgpack.jackson.dataformat.MessagePackFactory;

/** What the codec is compared with: Jackson databind, as one would use it for these records. */
final class Contestants {
  private Contestants() {}

  /** JSON. */
  static ObjectMapper json() {
    return mapper(new JsonFactory());
  }

  /** MessagePack maps. */
  static ObjectMapper messagePack() {
    return mapper(new MessagePackFactory());
  }

  private static ObjectMapper mapper(JsonFactory format) {
    SimpleModule bytes = new SimpleModule();
    bytes.addSerializer(Bytes.class, new BytesWriter());
    bytes.addDeserializer(Bytes.class, new BytesReader());
    ObjectMapper mapper = new ObjectMapper(format).registerModule(bytes);
    Schema schema = Schema.ENVELOPE;
    for (Class<?> sealed : new Class<?>[] {Message.class, TaskMessage.Payload.class}) {
      mapper.addMixIn(sealed, Tagged.class);
      schema
          .union(sealed)
          .byName()
          .forEach((name, shape) -> mapper.registerSubtypes(new NamedType(shape.type(), name)));
    }
    return mapper;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  private interface Tagged {}

  private static final class BytesWriter extends JsonSerializer<Bytes> {
    @Override
    public void serialize(Bytes value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeBinary(value.shared());
    }
  }

  private static final class BytesReader extends JsonDeserializer<Bytes> {
    @Override
    public Bytes deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return Bytes.owning(in.getBinaryValue());
    }
  }
}
