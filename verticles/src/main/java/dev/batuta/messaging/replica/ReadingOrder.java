package dev.batuta.messaging.replica;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Where an op stands in the reading order, which is the same on every server: Lamport's total order
 * (Lamport 1978, "Time, Clocks, and the Ordering of Events"), ties broken by origin and sequence.
 */
public record ReadingOrder(long clock, Origin origin, long sequence)
    implements Comparable<ReadingOrder> {

  @Override
  public int compareTo(ReadingOrder other) {
    int byClock = Long.compareUnsigned(clock, other.clock);
    if (byClock != 0) {
      return byClock;
    }
    int byOrigin = origin.compareTo(other.origin);
    return byOrigin != 0 ? byOrigin : Long.compareUnsigned(sequence, other.sequence);
  }

  /** Bytes that compare, without sign, as places do. */
  public byte[] toBytes() {
    byte[] server = origin.server().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(25 + server.length)
        .putLong(clock)
        .put(server)
        .put((byte) 0)
        .putLong(origin.incarnation())
        .putLong(sequence)
        .array();
  }

  public static ReadingOrder fromBytes(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    long clock = buffer.getLong();
    String server = new String(bytes, 8, bytes.length - 25, StandardCharsets.UTF_8);
    buffer.position(bytes.length - 16);
    return new ReadingOrder(clock, new Origin(server, buffer.getLong()), buffer.getLong());
  }

  /** The opaque text that pages are asked for with. */
  public String token() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(toBytes());
  }

  /** The place of a token, or nothing when it is none of ours. */
  public static Optional<ReadingOrder> ofToken(String token) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(token);
      return bytes.length < 25 || bytes[bytes.length - 17] != 0
          ? Optional.empty()
          : Optional.of(fromBytes(bytes));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }
}
