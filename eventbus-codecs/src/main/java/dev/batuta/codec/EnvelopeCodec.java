package dev.batuta.codec;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Puts envelopes on the clustered event bus: four bytes of length, then {@link PositionalForm}.
 * Delivery inside a JVM passes the envelope itself.
 *
 * <p>Neither direction ever throws, because Vert.x 5 could not bear it:
 *
 * <ul>
 *   <li>It decodes a body lazily, in {@code Message.body()}. For a request that is inside the
 *       consumer's handler, where an exception would be logged and the asker would wait for its
 *       time-out; for an answer it is {@code ReplyHandler.dispatch}, which has cancelled the
 *       time-out by then: the asker's future would never complete.
 *   <li>It encodes queued messages in a loop when a connection is made ({@code
 *       OutboundConnection.connected}): an exception would lose all that are queued behind.
 * </ul>
 *
 * So bytes that are no envelope arrive as an {@link Envelope#unreadable()} one that holds a {@link
 * Failure}, which the bus answers or passes on like every other failure; and in the place of a
 * message that cannot be written (too large, null where nothing may be null) its failure travels.
 */
public final class EnvelopeCodec implements MessageCodec<Envelope, Envelope> {
  /** Under which it is registered, in every node of a cluster. */
  public static final String NAME = "batuta";

  private static final int PREFIX_BYTES = Integer.BYTES;

  private final PositionalForm form = PositionalForm.shared();

  @Override
  public void encodeToWire(Buffer buffer, Envelope envelope) {
    int start = buffer.length();
    buffer.appendInt(0);
    try {
      form.encode(envelope, buffer);
    } catch (MalformedMessage e) {
      form.encode(new Envelope(envelope.sender(), envelope.clock(), e.failure()), buffer);
    }
    buffer.setInt(start, buffer.length() - start - PREFIX_BYTES);
  }

  @Override
  public Envelope decodeFromWire(int position, Buffer buffer) {
    try {
      return form.decode(frame(position, buffer));
    } catch (MalformedMessage e) {
      return Envelope.unreadable(e.failure());
    }
  }

  private byte[] frame(int position, Buffer buffer) {
    int available = buffer.length() - position - PREFIX_BYTES;
    int length = available < 0 ? -1 : buffer.getInt(position);
    if (length < 0 || length > available) {
      throw new MalformedMessage("a frame of " + length + " bytes where " + available + " are");
    }
    form.limits().checkBytes(length);
    return buffer.getBytes(position + PREFIX_BYTES, position + PREFIX_BYTES + length);
  }

  @Override
  public Envelope transform(Envelope envelope) {
    return envelope;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
