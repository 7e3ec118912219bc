package dev.batuta.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;

/** MessagePack out of one array, within {@link Limits}; for one thread. */
final class Reader {
  private static final char REPLACEMENT = '\uFFFD';

  private final Limits limits;
  private final ArrayBufferInput input = new ArrayBufferInput(new byte[0]);
  private final MessageUnpacker unpacker;
  private byte[] array = new byte[0];
  private int elements;
  private int depth;

  Reader(Limits limits) {
    this.limits = limits;
    this.unpacker =
        new MessagePack.UnpackerConfig()
            .withAllowReadingBinaryAsString(false)
            .withAllowReadingStringAsBinary(false)
            .newUnpacker(input);
  }

  MessageUnpacker unpacker() {
    return unpacker;
  }

  /** Turns to another message. */
  void reset(byte[] message) throws IOException {
    limits.checkBytes(message.length);
    array = message;
    input.reset(message);
    unpacker.reset(input);
    elements = 0;
    depth = 0;
  }

  /** Refuses what follows the message. */
  void finish() {
    if (remaining() > 0) {
      throw new MalformedMessage(remaining() + " bytes follow the message");
    }
  }

  private int position() {
    return (int) unpacker.getTotalReadBytes();
  }

  private int remaining() {
    return array.length - position();
  }

  /** The header of a record: how many values it has. To be followed by {@link #leave()}. */
  int enterRecord() throws IOException {
    int count = unpacker.unpackArrayHeader();
    enter(count);
    return count;
  }

  /** The header of a list: how many elements it has. To be followed by {@link #leave()}. */
  int enterList() throws IOException {
    int count = unpacker.unpackArrayHeader();
    enter(count);
    count(count);
    return count;
  }

  /** The header of a map: how many entries it has. To be followed by {@link #leave()}. */
  int enterMap() throws IOException {
    int count = unpacker.unpackMapHeader();
    enter(count * 2L);
    count(count);
    return count;
  }

  void leave() {
    depth--;
  }

  private void enter(long values) {
    limits.checkDepth(++depth);
    // Each value takes a byte at least.
    if (values > remaining()) {
      throw new MalformedMessage(values + " values announced in " + remaining() + " bytes");
    }
  }

  private void count(int more) {
    elements += more;
    limits.checkElements(elements);
  }

  /** The unpacker's own check of the range reports another number than the one that it met. */
  int integer() throws IOException {
    long value = unpacker.unpackLong();
    if (value != (int) value) {
      throw new MalformedMessage(value + " does not fit into 32 bits");
    }
    return (int) value;
  }

  String text() throws IOException {
    int length = unpacker.unpackRawStringHeader();
    checkLength(length);
    String text = new String(array, position(), length, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      checkUtf8(position(), length);
    }
    unpacker.readPayloadAsReference(length);
    return text;
  }

  byte[] bytes() throws IOException {
    int length = unpacker.unpackBinaryHeader();
    checkLength(length);
    return unpacker.readPayload(length);
  }

  private void checkLength(int length) {
    limits.checkTextBytes(length);
    if (length > remaining()) {
      throw new MalformedMessage(length + " bytes announced where " + remaining() + " are left");
    }
  }

  private void checkUtf8(int offset, int length) {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(array, offset, length));
    } catch (CharacterCodingException e) {
      throw new MalformedMessage("the text is not UTF-8");
    }
  }

  /** Passes over values that a newer sender has appended. */
  void skip(int values) throws IOException {
    for (int i = 0; i < values; i++) {
      switch (unpacker.getNextFormat().getValueType()) {
        case ARRAY -> {
          int count = enterList();
          skip(count);
          leave();
        }
        case MAP -> {
          int count = enterMap();
          skip(count * 2);
          leave();
        }
        case NIL, BOOLEAN, INTEGER, FLOAT, STRING, BINARY, EXTENSION -> unpacker.skipValue();
      }
    }
  }

  boolean isNil() throws IOException {
    if (unpacker.getNextFormat() != MessageFormat.NIL) {
      return false;
    }
    unpacker.unpackNil();
    return true;
  }
}
