package dev.batuta.gateway.json;

import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;
import dev.batuta.gateway.HeldBytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Frames of a stream: 4 bytes in network order say how many bytes of JSON in UTF-8 follow. Reads
 * one stream, in pieces as they come. No more is kept than what has come of one frame, and a frame
 * that says that it is too large is refused before any of it is kept, as is what there is no room
 * for. Belongs to one thread.
 */
public final class LengthPrefixed {
  private static final int PREFIX_BYTES = 4;

  private final int maxBytes;
  private final HeldBytes.Share room;
  private Buffer waiting = Buffer.buffer();

  /** Where in it the next frame begins. */
  private int next;

  /**
   * @param maxBytes of one frame, without its prefix
   * @param room for what has come and was not taken out; to be given back with the stream's end
   */
  public LengthPrefixed(int maxBytes, HeldBytes.Share room) {
    this.maxBytes = maxBytes;
    this.room = room;
  }

  /**
   * Takes the next piece of the stream.
   *
   * @throws Refused BUSY where there is no room for it; the stream is at its end then
   */
  public void feed(Buffer piece) {
    if (!room.hold(waiting.length() + piece.length())) {
      throw room.full();
    }
    waiting.appendBuffer(piece);
  }

  /**
   * Takes out the next frame; empty while it is not whole.
   *
   * @throws Refused TOO_LARGE: where the next frame begins is not known then, and the stream is at
   *     its end
   */
  public Optional<Buffer> next() {
    if (waitingBytes() < PREFIX_BYTES) {
      return none();
    }
    long length = waiting.getUnsignedInt(next);
    if (length > maxBytes) {
      throw tooLarge(length);
    }
    if (waitingBytes() < PREFIX_BYTES + length) {
      return none();
    }
    int from = next + PREFIX_BYTES;
    next = from + (int) length;
    return Optional.of(waiting.getBuffer(from, next));
  }

  /** A connection that waits keeps no room for frames that were taken out. */
  private Optional<Buffer> none() {
    if (next > 0) {
      waiting = waiting.getBuffer(next, waiting.length());
      next = 0;
    }
    room.hold(waiting.length());
    return Optional.empty();
  }

  /** Whether nothing has come of a frame that is not whole. */
  public boolean isEmpty() {
    return waitingBytes() == 0;
  }

  /** How much has come of what is not whole. */
  int waitingBytes() {
    return waiting.length() - next;
  }

  private Refused tooLarge(long length) {
    return new Refused(
        Failure.Kind.TOO_LARGE,
        "too-large",
        "The frame says that it has "
            + length
            + " bytes; send at most "
            + maxBytes
            + ", after their number in 4 bytes in network order.");
  }

  /** An object as a frame. */
  public static Buffer frame(JsonObject json) {
    Buffer body = json.toBuffer();
    return Buffer.buffer(PREFIX_BYTES + body.length()).appendInt(body.length()).appendBuffer(body);
  }
}
