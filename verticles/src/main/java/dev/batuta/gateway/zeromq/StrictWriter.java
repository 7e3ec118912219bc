package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * Writes what the strictest reader takes: maps with keys of type str, integers in the fewest bytes,
 * no extensions. Pure; each call gives an array of its own, as ZeroMQ keeps what it is given until
 * it is sent.
 */
final class StrictWriter {
  /** Most messages are small; the default of 8 KiB for each is what writing them would cost. */
  private static final MessagePack.PackerConfig SMALL =
      new MessagePack.PackerConfig().withBufferSize(512);

  private StrictWriter() {}

  /**
   * A message.
   *
   * @param fields texts, longs, integers, doubles, booleans, lists and maps of these
   */
  static byte[] write(Map<String, ?> fields) {
    try (MessageBufferPacker packer = SMALL.newBufferPacker()) {
      pack(packer, fields);
      return packer.toByteArray();
    } catch (IOException impossible) {
      throw new AssertionError("packing into memory", impossible);
    }
  }

  private static void pack(MessageBufferPacker packer, Object value) throws IOException {
    switch (value) {
      case String text -> packer.packString(text);
      case Long number -> packer.packLong(number);
      case Integer number -> packer.packInt(number);
      case Double number -> packer.packDouble(number);
      case Boolean truth -> packer.packBoolean(truth);
      case List<?> list -> {
        packer.packArrayHeader(list.size());
        for (Object each : list) {
          pack(packer, each);
        }
      }
      case Map<?, ?> map -> {
        packer.packMapHeader(map.size());
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          packer.packString((String) entry.getKey());
          pack(packer, entry.getValue());
        }
      }
      default -> throw new IllegalArgumentException("no form for " + value.getClass());
    }
  }
}
