package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Position;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * How many ops of each origin one has: all from 1 to that number. Not thread-safe; a copy is handed
 * to other threads.
 */
public final class VersionVector {
  private static final int MOST_ORIGINS = 65_536;

  private final Map<Origin, Long> sequences;

  public VersionVector() {
    this(new HashMap<>());
  }

  private VersionVector(Map<Origin, Long> sequences) {
    this.sequences = sequences;
  }

  public static VersionVector of(List<Position> positions) {
    var vector = new VersionVector();
    vector.putAll(positions);
    return vector;
  }

  /** The highest sequence of an origin, 0 for one that is unknown. */
  public long of(Origin origin) {
    return sequences.getOrDefault(origin, 0L);
  }

  public boolean covers(Origin origin, long sequence) {
    return Long.compareUnsigned(of(origin), sequence) >= 0;
  }

  /** True when everything that the other has is here. */
  public boolean covers(VersionVector other) {
    return other.sequences.entrySet().stream()
        .allMatch(entry -> covers(entry.getKey(), entry.getValue()));
  }

  public void put(Origin origin, long sequence) {
    sequences.put(origin, sequence);
  }

  /** Takes over what somebody says about some origins. */
  public void putAll(List<Position> positions) {
    for (Position position : positions) {
      put(new Origin(position.origin(), position.incarnation()), position.sequence());
    }
  }

  public VersionVector copy() {
    return new VersionVector(new HashMap<>(sequences));
  }

  public Map<Origin, Long> entries() {
    return sequences;
  }

  public List<Position> positions() {
    return sequences.entrySet().stream()
        .map(
            entry ->
                new Position(
                    entry.getKey().server(), entry.getKey().incarnation(), entry.getValue()))
        .toList();
  }

  /** The opaque text of a position in the stream, good at every server. */
  public String token() {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(sequences.size());
      for (var entry : sequences.entrySet()) {
        packer.packString(entry.getKey().server());
        packer.packLong(entry.getKey().incarnation());
        packer.packLong(entry.getValue());
      }
      return Base64.getUrlEncoder().withoutPadding().encodeToString(packer.toByteArray());
    } catch (java.io.IOException impossible) {
      throw new AssertionError("packing into memory", impossible);
    }
  }

  /** The vector of a token, or nothing when it is none of ours. */
  public static Optional<VersionVector> ofToken(String token) {
    try (MessageUnpacker unpacker =
        MessagePack.newDefaultUnpacker(Base64.getUrlDecoder().decode(token))) {
      int size = unpacker.unpackArrayHeader();
      if (size > MOST_ORIGINS) {
        return Optional.empty();
      }
      var vector = new VersionVector();
      for (int i = 0; i < size; i++) {
        vector.put(
            new Origin(unpacker.unpackString(), unpacker.unpackLong()), unpacker.unpackLong());
      }
      return unpacker.hasNext() ? Optional.empty() : Optional.of(vector);
    } catch (java.io.IOException | MessagePackException | IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VersionVector vector && sequences.equals(vector.sequences);
  }

  @Override
  public int hashCode() {
    return sequences.hashCode();
  }

  @Override
  public String toString() {
    return sequences.toString();
  }
}
