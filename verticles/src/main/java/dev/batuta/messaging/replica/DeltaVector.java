package dev.batuta.messaging.replica;

import dev.batuta.codec.ChatMessage.Position;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * A {@link VersionVector} as it is told to others, which {@link Folds#resolve} reads.
 *
 * @param base the folds, each by the op that it is, beyond whose vectors this one is told; none for
 *     one that is told in full
 * @param beyond the sequence of each origin of which there is more than these name
 */
public record DeltaVector(List<OpId> base, Map<Origin, Long> beyond) {
  private static final int MOST_ORIGINS = 65_536;

  /** With copies. */
  public DeltaVector {
    base = List.copyOf(base);
    beyond = Map.copyOf(beyond);
  }

  /** As it came over the bus. */
  static DeltaVector of(List<Position> base, List<Position> vector) {
    Map<Origin, Long> beyond = new HashMap<>();
    for (Position position : vector) {
      beyond.put(new Origin(position.origin(), position.incarnation()), position.sequence());
    }
    return new DeltaVector(ids(base), beyond);
  }

  /** As it goes over the bus, without the base. */
  List<Position> positions() {
    return beyond.entrySet().stream()
        .map(entry -> position(new OpId(entry.getKey(), entry.getValue())))
        .toList();
  }

  /** As it goes over the bus. */
  List<Position> basePositions() {
    return positions(base);
  }

  static List<Position> positions(List<OpId> ids) {
    return ids.stream().map(DeltaVector::position).toList();
  }

  static List<OpId> ids(List<Position> positions) {
    return positions.stream()
        .map(at -> new OpId(new Origin(at.origin(), at.incarnation()), at.sequence()))
        .toList();
  }

  private static Position position(OpId id) {
    return new Position(id.origin().server(), id.origin().incarnation(), id.sequence());
  }

  /**
   * The opaque text of a position in the stream, good at every server. Without a base it is what it
   * was before there were folds; with one, the version before says that it does not know it.
   */
  public String token() {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      if (!base.isEmpty()) {
        packer.packNil().packArrayHeader(base.size());
        for (OpId id : base) {
          pack(packer, id.origin(), id.sequence());
        }
      }
      packer.packArrayHeader(beyond.size());
      for (var entry : beyond.entrySet()) {
        pack(packer, entry.getKey(), entry.getValue());
      }
      return Base64.getUrlEncoder().withoutPadding().encodeToString(packer.toByteArray());
    } catch (IOException impossible) {
      throw new AssertionError("packing into memory", impossible);
    }
  }

  static void pack(MessageBufferPacker packer, Origin origin, long sequence) throws IOException {
    packer.packString(origin.server()).packLong(origin.incarnation()).packLong(sequence);
  }

  /** The vector of a token, or nothing when it is none of ours. */
  public static Optional<DeltaVector> ofToken(String token) {
    try (MessageUnpacker unpacker =
        MessagePack.newDefaultUnpacker(Base64.getUrlDecoder().decode(token))) {
      List<OpId> base = List.of();
      if (unpacker.getNextFormat() == MessageFormat.NIL) {
        unpacker.unpackNil();
        base = unpack(unpacker);
      }
      Map<Origin, Long> beyond = new HashMap<>();
      unpack(unpacker).forEach(id -> beyond.put(id.origin(), id.sequence()));
      return unpacker.hasNext() ? Optional.empty() : Optional.of(new DeltaVector(base, beyond));
    } catch (IOException | MessagePackException | IllegalArgumentException notOurs) {
      return Optional.empty();
    }
  }

  /**
   * What was packed behind a header with its number.
   *
   * @throws IllegalArgumentException when that is too large
   */
  static List<OpId> unpack(MessageUnpacker unpacker) throws IOException {
    int size = unpacker.unpackArrayHeader();
    if (size > MOST_ORIGINS) {
      throw new IllegalArgumentException(size + " origins");
    }
    OpId[] ids = new OpId[size];
    for (int i = 0; i < size; i++) {
      ids[i] =
          new OpId(
              new Origin(unpacker.unpackString(), unpacker.unpackLong()), unpacker.unpackLong());
    }
    return List.of(ids);
  }
}
