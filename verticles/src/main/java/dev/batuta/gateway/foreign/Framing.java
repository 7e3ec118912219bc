package dev.batuta.gateway.foreign;

import dev.batuta.gateway.HeldBytes;
import dev.batuta.gateway.json.JsonBounds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a TCP client sends into JSON objects. Each is complete with its last brace: some
 * clients end it with a newline, some with the byte 0 that ends a text in C, others send nothing
 * more and wait. These and white space between objects are left out; other bytes there are no
 * message, up to the end of their line.
 *
 * <p>An object that is broken off is noticed where the next one begins, if it begins on a line of
 * its own at a place where JSON has none. No I/O; its memory is bounded by the largest message and
 * the room that is given to it, and by what it is fed.
 */
final class Framing {
  private static final int FIRST_BYTES = 128;
  private static final byte[] NOTHING = {};

  /** What was cut out. */
  sealed interface Piece {
    /**
     * An object, by its braces; whether it is JSON is to be seen. Bytes that are no UTF-8 are
     * U+FFFD.
     */
    record Text(String json) implements Piece {}

    /** Bytes that are no message. */
    record Flaw(Fault fault) implements Piece {}
  }

  /** Why bytes are no message. */
  enum Fault {
    MALFORMED("malformed-json", "the message is not a JSON object"),
    TOO_LARGE("too-large", "the message is too large"),
    TOO_COMPLEX("too-large", JsonBounds.SENTENCE),
    BUSY("busy", "too many bytes of messages wait here for their ends: send it again in a second");

    final String code;
    final String sentence;

    Fault(String code, String sentence) {
      this.code = code;
      this.sentence = sentence;
    }
  }

  private final int maxBytes;
  private final int maxDepth;
  private final HeldBytes.Share room;
  private byte[] fed = NOTHING;
  private int at;
  private byte[] message = NOTHING;
  private int size;
  private int depth;
  private boolean inText;
  private boolean escaped;
  private boolean skipsLine;
  private boolean sawNewline;

  /** The last byte that is no white space, and whether a line has ended since. */
  private byte before;

  private boolean lineSince;

  /**
   * @param maxBytes of one message
   * @param maxDepth of its objects and arrays
   * @param room for what is not complete; who drops this in the middle of a message gives it back
   */
  Framing(int maxBytes, int maxDepth, HeldBytes.Share room) {
    this.maxBytes = maxBytes;
    this.maxDepth = maxDepth;
    this.room = room;
  }

  /** What is complete with these bytes, in their order. */
  List<Piece> take(byte[] bytes) {
    feed(bytes);
    List<Piece> pieces = new ArrayList<>(1);
    for (Optional<Piece> piece = next(); piece.isPresent(); piece = next()) {
      pieces.add(piece.get());
    }
    return pieces;
  }

  /**
   * Bytes that have come, when all from before are cut.
   *
   * @throws IllegalStateException if there are some left
   */
  void feed(byte[] bytes) {
    if (left() > 0) {
      throw new IllegalStateException(left() + " bytes of before are not cut yet");
    }
    fed = bytes;
    at = 0;
  }

  /** How many of these bytes are not cut yet. */
  int left() {
    return fed.length - at;
  }

  /** What is complete next with them; empty when all are cut. */
  Optional<Piece> next() {
    Piece piece = null;
    while (piece == null && at < fed.length) {
      piece = take(fed[at++]);
    }
    if (at == fed.length) {
      fed = NOTHING;
      at = 0;
    }
    return Optional.ofNullable(piece);
  }

  private @Nullable Piece take(byte next) {
    if (skipsLine) {
      skipsLine = next != '\n';
      sawNewline |= !skipsLine;
      return null;
    }
    return depth == 0 ? between(next) : within(next);
  }

  /** Whether this client ends its messages with newlines, as far as it has shown. */
  boolean sawNewline() {
    return sawNewline;
  }

  /** Whether a message has begun and is not complete. */
  boolean isWithin() {
    return depth > 0;
  }

  private @Nullable Piece between(byte next) {
    switch (next) {
      case '\n' -> sawNewline = true;
      case ' ', '\t', '\r', 0, (byte) 0xEF, (byte) 0xBB, (byte) 0xBF -> {} // and a byte order mark
      case '{' -> begin();
      default -> {
        skipsLine = true;
        return new Piece.Flaw(Fault.MALFORMED);
      }
    }
    return null;
  }

  private void begin() {
    size = 0;
    depth = 1;
    inText = false;
    escaped = false;
    lineSince = false;
    before = '{';
    append((byte) '{');
  }

  private @Nullable Piece within(byte next) {
    if (size == maxBytes) {
      return restOfLine(Fault.TOO_LARGE, next);
    }
    if (!append(next)) {
      return restOfLine(Fault.BUSY, next);
    }
    if (inText) {
      return inText(next);
    }
    Piece piece = null;
    switch (next) {
      case '"' -> inText = true;
      case '{', '[' -> {
        if (next == '{' && lineSince && !mayHoldObject(before)) {
          piece = up(Fault.MALFORMED);
          begin();
          return piece;
        }
        if (++depth > maxDepth) {
          piece = restOfLine(Fault.TOO_COMPLEX, next);
        }
      }
      case '}', ']' -> {
        if (--depth == 0) {
          piece = new Piece.Text(new String(message, 0, size, StandardCharsets.UTF_8));
          release();
        }
      }
      case '\n' -> lineSince = true;
      default -> {}
    }
    if (next > ' ') {
      before = next;
      lineSince = false;
    }
    return piece;
  }

  private @Nullable Piece inText(byte next) {
    if (next == '\n') {
      return restOfLine(Fault.MALFORMED, next);
    } else if (escaped) {
      escaped = false;
    } else if (next == '\\') {
      escaped = true;
    } else if (next == '"') {
      inText = false;
      before = next;
      lineSince = false;
    }
    return null;
  }

  /** Whether an object can come next in JSON. */
  private static boolean mayHoldObject(byte before) {
    return before == ':' || before == ',' || before == '[';
  }

  private Piece up(Fault fault) {
    depth = 0;
    release();
    return new Piece.Flaw(fault);
  }

  /** The rest of the line is no message either. */
  private Piece restOfLine(Fault fault, byte last) {
    skipsLine = last != '\n';
    return up(fault);
  }

  private boolean append(byte next) {
    if (size == message.length) {
      int larger = Math.min(maxBytes, Math.max(FIRST_BYTES, 2 * size));
      if (!room.hold(larger)) {
        return false;
      }
      message = Arrays.copyOf(message, larger);
    }
    message[size++] = next;
    return true;
  }

  /** A connection that waits keeps no room for messages. */
  private void release() {
    message = NOTHING;
    size = 0;
    room.giveBack();
  }
}
