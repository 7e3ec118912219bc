package dev.batuta.messaging.log;

import dev.batuta.codec.Bytes;
import dev.batuta.messaging.replica.Content;
import dev.batuta.messaging.replica.Op;
import dev.batuta.messaging.replica.Origin;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * A row of the table of ops: one op, or a block of messages that one origin made one after the
 * other, and that were applied here so. A block costs little more than an op: the row has the
 * position and the sequence of the first, and as content a MessagePack array of the contents.
 *
 * @param position of the first
 * @param sequence of the first
 * @param contents of each
 */
record LogRow(long position, Origin origin, long sequence, List<Bytes> contents) {
  /** The kind of a block. */
  static final int BLOCK = 5;

  /** The most that are in a block: who wants one of them reads all. */
  static final int MOST_OPS = 128;

  static final int MOST_BYTES = 32 << 10;

  /** What {@link #of} reads, of an op and its origin. */
  static final String COLUMNS =
      "o.position, r.server, r.incarnation, o.sequence, o.content, o.kind, o.checksum";

  /** Selects these, by whatever index is of use for ops. */
  static final String SELECT =
      "SELECT " + COLUMNS + " FROM op o CROSS JOIN origin r ON r.id = o.origin";

  /**
   * From a row of {@link #COLUMNS}.
   *
   * @throws SQLException as {@link LogDamage#found} when it is not what was written; what a release
   *     without checksums wrote is taken for that
   */
  static LogRow of(ResultSet row) throws SQLException {
    long at = row.getLong(1);
    byte[] content = row.getBytes(5);
    if (row.getString(2) == null || content == null) {
      throw LogDamage.found("the op at " + at + " has no content or no origin");
    }
    var origin = new Origin(row.getString(2), row.getLong(3));
    long sequence = row.getLong(4);
    int kind = row.getInt(6);
    long checksum = row.getLong(7);
    if (!row.wasNull() && checksum != LogDamage.checksum(at, kind, origin, sequence, content)) {
      throw LogDamage.found("the op at " + at + " is not what was written");
    }
    List<Bytes> contents = kind == BLOCK ? unpacked(at, content) : List.of(Bytes.owning(content));
    return new LogRow(at, origin, sequence, contents);
  }

  /** The content of a block. */
  static byte[] packed(List<OpLog.Entry> entries) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(entries.size());
      for (OpLog.Entry entry : entries) {
        byte[] content = entry.op().content().toArray();
        packer.packBinaryHeader(content.length).writePayload(content);
      }
      return packer.toByteArray();
    } catch (IOException impossible) {
      throw new AssertionError("packing into memory", impossible);
    }
  }

  private static List<Bytes> unpacked(long at, byte[] block) throws SQLException {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(block)) {
      int size = unpacker.unpackArrayHeader();
      List<Bytes> contents = new ArrayList<>(Math.min(size, MOST_OPS));
      for (int i = 0; i < size; i++) {
        contents.add(Bytes.owning(unpacker.readPayload(unpacker.unpackBinaryHeader())));
      }
      return contents;
    } catch (IOException | MessagePackException unreadable) {
      throw LogDamage.found("the ops at " + at + " cannot be read: " + unreadable.getMessage());
    }
  }

  /** The position of the last op. */
  long last() {
    return position + contents.size() - 1;
  }

  /** The sequence of the last op. */
  long lastSequence() {
    return sequence + contents.size() - 1;
  }

  boolean has(long at) {
    return position <= at && at <= last();
  }

  /** The op at a position that it has. */
  OpLog.Entry entry(long at) {
    Op op = op((int) (at - position));
    return new OpLog.Entry(at, op, Content.decode(op.content().toArray()));
  }

  List<OpLog.Entry> entries() {
    return IntStream.range(0, contents.size()).mapToObj(i -> entry(position + i)).toList();
  }

  List<Op> ops() {
    return IntStream.range(0, contents.size()).mapToObj(this::op).toList();
  }

  private Op op(int index) {
    return new Op(origin, sequence + index, contents.get(index));
  }
}
