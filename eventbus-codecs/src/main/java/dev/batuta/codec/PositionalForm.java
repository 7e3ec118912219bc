package dev.batuta.codec;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * The compact form of an {@link Envelope}: MessagePack arrays, {@code [sender, clock, [type number,
 * component, ..]]}, nested records as {@code [component, ..]}, enums as ordinals.
 *
 * <p>Versions tolerate each other: what is appended to an array by a newer sender is skipped, what
 * an older one did not send is 0, false, an empty text or list, the first constant, or null.
 * Threads share it.
 */
public final class PositionalForm {
  private static final PositionalForm SHARED = new PositionalForm(Schema.ENVELOPE, Limits.DEFAULT);

  private final Shape root;
  private final Limits limits;
  private final ThreadLocal<Writer> writers;
  private final ThreadLocal<Reader> readers;

  PositionalForm(Schema schema, Limits limits) {
    this.root = schema.root();
    this.limits = limits;
    this.writers = ThreadLocal.withInitial(() -> new Writer(limits));
    this.readers = ThreadLocal.withInitial(() -> new Reader(limits));
  }

  /** Of envelopes, with {@link Limits#DEFAULT}. */
  public static PositionalForm shared() {
    return SHARED;
  }

  Limits limits() {
    return limits;
  }

  /**
   * Appends an envelope.
   *
   * @throws MalformedMessage if it is beyond the limits or holds a null where none may be; nothing
   *     is appended then
   */
  public void encode(Envelope envelope, Buffer to) {
    Writer writer = write(envelope);
    to.appendBytes(writer.array(), 0, writer.size());
  }

  /** An envelope from these bytes, all of them. */
  public Envelope decode(byte[] bytes) {
    return Envelope.received(read(bytes));
  }

  byte[] encodeRoot(Object value) {
    Writer writer = write(value);
    return Arrays.copyOf(writer.array(), writer.size());
  }

  private Writer write(Object value) {
    Writer writer = writers.get();
    try {
      writer.reset();
      writer.packer().packArrayHeader(root.size());
      root.write(writer, value);
      writer.finish();
      return writer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Object read(byte[] bytes) {
    Reader reader = readers.get();
    try {
      reader.reset(bytes);
      Object value = root.read(reader, reader.enterRecord());
      reader.finish();
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw Shape.malformed(e);
    }
  }
}
