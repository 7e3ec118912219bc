package dev.batuta.gateway.zeromq;

import dev.batuta.codec.Refused;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.ExtensionTypeHeader;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads a MessagePack map as the encoders of many languages write it. What it is made of: {@link
 * String} (of str and bin), {@link Long}, {@link BigInteger} above it, {@link Double}, {@link
 * Boolean}, {@link Moment}, {@link List}, {@link LooseMap}, {@link Strange} for what has no meaning
 * here, and null for none.
 *
 * <p>Pure. Depth and the number of values are bounded, lengths are compared with the bytes that are
 * left before anything is allocated; every other input is refused with what to do about it.
 */
final class LooseReader {
  static final int MAX_DEPTH = 32;
  static final int MAX_VALUES = 10_000;

  private static final int EXT_TIMESTAMP = -1;
  private static final int EXT_UNDEFINED = 0;
  private static final int EXT_DATE = 13;
  private static final int EXT_RECORD = 114;

  /** What PHP's extension writes behind a nil key in the place of the name of a class. */
  private static final List<Long> PHP_REFERENCES = List.of(1L, 2L, 5L);

  /** An instant of an extension type. */
  record Moment(long millis) {}

  /** A value that is none of those that have a meaning here, in words. */
  record Strange(String words) {}

  private final int length;
  private final MessageUnpacker unpacker;
  private int values;

  private LooseReader(byte[] message) {
    this.length = message.length;
    this.unpacker = MessagePack.newDefaultUnpacker(message);
  }

  /**
   * The map that a message is.
   *
   * @throws Refused when it is none, or not within the bounds
   */
  static LooseMap read(byte[] message) {
    try {
      LooseReader reader = new LooseReader(message);
      if (message.length == 0) {
        throw malformed("the frame is empty");
      }
      Object root = reader.value(1);
      if (reader.remaining() > 0) {
        throw malformed("%d bytes follow %s".formatted(reader.remaining(), LooseMap.words(root)));
      }
      if (!(root instanceof LooseMap) && !(root instanceof List)) {
        throw malformed("it is " + LooseMap.words(root));
      }
      return LooseMap.of("message", root);
    } catch (IOException | MessagePackException broken) {
      throw malformed("it ends within a value, or has a byte that begins none");
    }
  }

  private @Nullable Object value(int depth) throws IOException {
    if (++values > MAX_VALUES) {
      throw tooLarge("has more than " + MAX_VALUES + " values");
    }
    if (depth > MAX_DEPTH) {
      throw tooLarge("is nested deeper than " + MAX_DEPTH);
    }
    MessageFormat format = unpacker.getNextFormat();
    return switch (format.getValueType()) {
      case NIL -> {
        unpacker.unpackNil();
        yield null;
      }
      case BOOLEAN -> unpacker.unpackBoolean();
      case INTEGER -> integer(format);
      case FLOAT -> real(format);
      case STRING -> text(unpacker.unpackRawStringHeader());
      case BINARY -> text(unpacker.unpackBinaryHeader());
      case ARRAY -> list(depth);
      case MAP -> map(depth);
      case EXTENSION -> extension(unpacker.unpackExtensionTypeHeader());
    };
  }

  private Object integer(MessageFormat format) throws IOException {
    if (format != MessageFormat.UINT64) {
      return unpacker.unpackLong();
    }
    var exact = unpacker.unpackBigInteger();
    return exact.bitLength() < Long.SIZE ? (Object) exact.longValue() : (Object) exact;
  }

  /** A fraction of four bytes is meant by its own digits: 0.1, not 0.10000000149. */
  private double real(MessageFormat format) throws IOException {
    double number = unpacker.unpackDouble();
    return format == MessageFormat.FLOAT32 && number != Math.rint(number)
        ? Double.parseDouble(Float.toString((float) number))
        : number;
  }

  private Object text(int bytes) throws IOException {
    byte[] payload = payload(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException binary) {
      return new Strange(bytes + " bytes that are no UTF-8");
    }
  }

  private byte[] payload(int bytes) throws IOException {
    if (bytes > remaining()) {
      throw malformed(bytes + " bytes are announced where " + remaining() + " are left");
    }
    return unpacker.readPayload(bytes);
  }

  private List<@Nullable Object> list(int depth) throws IOException {
    int count = announced(unpacker.unpackArrayHeader());
    List<@Nullable Object> list = new ArrayList<>(Math.min(count, MAX_VALUES));
    for (int i = 0; i < count; i++) {
      list.add(value(depth + 1));
    }
    return list;
  }

  /** Keys that are no texts are passed over; of a repeated one the last counts. */
  private LooseMap map(int depth) throws IOException {
    int count = announced(unpacker.unpackMapHeader());
    Map<String, @Nullable Object> entries = new HashMap<>();
    for (int i = 0; i < count; i++) {
      Object key = value(depth + 1);
      Object value = value(depth + 1);
      if (key instanceof String name) {
        entries.put(name, value);
      } else if (key == null && value instanceof Long number && PHP_REFERENCES.contains(number)) {
        throw Refused.invalid(
            "malformed-message",
            "The message holds a reference of PHP's msgpack, to an object that it held before: give"
                + " a copy (clone), or arrays instead of objects.");
      }
    }
    return new LooseMap(entries);
  }

  /** Each value takes a byte at least. */
  private int announced(int count) {
    if (count > remaining()) {
      throw malformed(count + " values are announced in " + remaining() + " bytes");
    }
    return count;
  }

  private @Nullable Object extension(ExtensionTypeHeader header) throws IOException {
    byte[] payload = payload(header.getLength());
    return switch (header.getType()) {
      case EXT_UNDEFINED -> null;
      case EXT_TIMESTAMP -> timestamp(payload);
      case EXT_DATE -> date(payload);
      case EXT_RECORD ->
          throw Refused.invalid(
              "malformed-message",
              "The message holds a record of msgpackr (extension 114), which only its own Packr can"
                  + " read: pack with new Packr({useRecords: false}), or with pack().");
      default -> strange(header.getType());
    };
  }

  private static Object strange(int extension) {
    return new Strange("extension " + extension);
  }

  private static Object timestamp(byte[] payload) {
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    return switch (payload.length) {
      case 4 -> new Moment((bytes.getInt() & 0xffff_ffffL) * 1_000);
      case 8 -> {
        long both = bytes.getLong();
        yield new Moment((both & 0x3_ffff_ffffL) * 1_000 + (both >>> 34) / 1_000_000);
      }
      case 12 -> {
        long nanos = bytes.getInt() & 0xffff_ffffL;
        long seconds = bytes.getLong();
        boolean possible = seconds >= -LooseTime.MAX_SECONDS && seconds <= LooseTime.MAX_SECONDS;
        yield possible ? new Moment(seconds * 1_000 + nanos / 1_000_000) : strange(EXT_TIMESTAMP);
      }
      default -> strange(EXT_TIMESTAMP);
    };
  }

  /** A Date of msgpack-lite: its milliseconds, packed once more. */
  private static Object date(byte[] payload) {
    try (MessageUnpacker inner = MessagePack.newDefaultUnpacker(payload)) {
      MessageFormat format = inner.getNextFormat();
      double millis =
          switch (format.getValueType()) {
            case INTEGER -> inner.unpackBigInteger().doubleValue();
            case FLOAT -> inner.unpackDouble();
            case NIL, BOOLEAN, STRING, BINARY, ARRAY, MAP, EXTENSION -> Double.NaN;
          };
      boolean possible = Math.abs(millis) <= LooseTime.MAX_SECONDS * 1_000.0;
      return possible ? new Moment((long) millis) : strange(EXT_DATE);
    } catch (IOException | MessagePackException other) {
      return strange(EXT_DATE);
    }
  }

  private int remaining() {
    return length - (int) unpacker.getTotalReadBytes();
  }

  private static Refused malformed(String why) {
    return Refused.invalid(
        "malformed-message",
        "The message is no MessagePack map, such as {\"service\": \"users\", \"data\": {}}: "
            + why
            + ".");
  }

  private static Refused tooLarge(String why) {
    return Refused.invalid("too-large", "The message " + why + "; send less at once.");
  }
}
