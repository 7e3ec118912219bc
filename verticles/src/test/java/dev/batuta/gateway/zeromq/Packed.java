package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** MessagePack by hand, byte for byte as some encoder writes it. */
final class Packed {
  /** Writes one message. */
  @FunctionalInterface
  interface Writing {
    void to(MessageBufferPacker packer) throws IOException;
  }

  private Packed() {}

  static byte[] of(Writing writing) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      writing.to(packer);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A map of one field. */
  static byte[] field(String name, Writing value) {
    return of(
        packer -> {
          packer.packMapHeader(1);
          packer.packString(name);
          value.to(packer);
        });
  }

  static void bin(MessageBufferPacker packer, byte... bytes) throws IOException {
    packer.packBinaryHeader(bytes.length);
    packer.writePayload(bytes);
  }

  static void extension(MessageBufferPacker packer, int type, byte... payload) throws IOException {
    packer.packExtensionTypeHeader((byte) type, payload.length);
    packer.writePayload(payload);
  }

  /** As JSON, in which an integer is one and a float has a point. */
  static String json(byte[] message) {
    try (var unpacker = MessagePack.newDefaultUnpacker(message)) {
      return unpacker.unpackValue().toJson();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
