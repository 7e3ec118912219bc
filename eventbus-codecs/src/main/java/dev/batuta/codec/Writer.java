package dev.batuta.codec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.buffer.MessageBuffer;
import org.msgpack.core.buffer.MessageBufferOutput;

/** MessagePack into one array that is used again and again; for one thread. */
final class Writer {
  private static final int KEPT_BYTES = 256 * 1024;

  private final Limits limits;
  private final Output output = new Output();
  private final MessagePacker packer;
  private int elements;

  Writer(Limits limits) {
    this.limits = limits;
    this.packer = MessagePack.DEFAULT_PACKER_CONFIG.newPacker(output);
  }

  MessagePacker packer() {
    return packer;
  }

  /** Forgets what was written. */
  void reset() {
    packer.clear();
    output.reset();
    elements = 0;
  }

  /** Ends the message: it is the first {@link #size()} bytes of {@link #array()}. */
  void finish() throws IOException {
    packer.flush();
    limits.checkBytes(output.size);
  }

  int size() {
    return output.size;
  }

  byte[] array() {
    return output.array;
  }

  void text(String text) throws IOException {
    byte[] utf8 = Text.checked(text).getBytes(StandardCharsets.UTF_8);
    limits.checkTextBytes(utf8.length);
    packer.packRawStringHeader(utf8.length);
    packer.writePayload(utf8);
  }

  void bytes(byte[] bytes) throws IOException {
    limits.checkTextBytes(bytes.length);
    packer.packBinaryHeader(bytes.length);
    packer.writePayload(bytes);
  }

  void listHeader(int count) throws IOException {
    count(count);
    packer.packArrayHeader(count);
  }

  void mapHeader(int count) throws IOException {
    count(count);
    packer.packMapHeader(count);
  }

  private void count(int more) {
    elements += more;
    limits.checkElements(elements);
  }

  /** Where the packer asks for room: always in the one array, which grows by doubling. */
  private final class Output implements MessageBufferOutput {
    private byte[] array = new byte[8 * 1024];
    private int size;

    void reset() {
      size = 0;
      if (array.length > KEPT_BYTES) {
        array = new byte[8 * 1024];
      }
    }

    @Override
    public MessageBuffer next(int minimumSize) {
      // The packer wants one byte more than it asks for.
      room(minimumSize + 1);
      return MessageBuffer.wrap(array, size, array.length - size);
    }

    @Override
    public void writeBuffer(int length) {
      size += length;
    }

    @Override
    public void write(byte[] buffer, int offset, int length) {
      room(length);
      System.arraycopy(buffer, offset, array, size, length);
      size += length;
    }

    @Override
    public void add(byte @Nullable [] buffer, int offset, int length) {
      if (buffer != null) {
        write(buffer, offset, length);
      }
    }

    private void room(int more) {
      limits.checkBytes(size);
      if (array.length - size < more) {
        array = Arrays.copyOf(array, Math.max(array.length * 2, size + more));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
