package dev.batuta.messaging.replica;

import dev.batuta.codec.Bytes;
import dev.batuta.codec.Envelope;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePack.PackerConfig;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;

/**
 * What an op says, with the Lamport clock and the time (milliseconds) at which its origin made it.
 *
 * <p>On disk and on the wire it is a MessagePack map of named fields, so that other programs can
 * read it and fields can be added: {@code kind} ({@code user}, {@code channel}, {@code
 * channel-message}, {@code direct-message}, {@code fold}), {@code clock}, {@code time}, and the
 * fields of its kind. Names inside are those under which the origin knew user and channel.
 */
public sealed interface Content {
  /** The kind of a fold, and its field: its parents and what it names, each as in a token. */
  String FOLD = "fold";

  /** Lamport clock of the making of this op. */
  long clock();

  /** The origin's time, in milliseconds since 1970. */
  long timeMillis();

  /** A user's name was registered. */
  record User(String name, long clock, long timeMillis) implements Content {}

  /** A channel was created. */
  record Channel(String name, long clock, long timeMillis) implements Content {}

  /** A message that has an author and an id of its author's. */
  sealed interface Said extends Content {
    String author();

    String text();

    String messageId();

    /** What it is read under: a channel, or the two who talk, whoever says it. */
    String conversation();

    /** Whether one author would say the same to the same with it. */
    default boolean saysTheSame(Said other) {
      return conversation().equals(other.conversation()) && text().equals(other.text());
    }
  }

  /** A message to all who read a channel. */
  record ChannelMessage(
      String channel, String author, String text, String messageId, long clock, long timeMillis)
      implements Said {
    @Override
    public String conversation() {
      return ofChannel(channel);
    }
  }

  /** A message to one user. */
  record DirectMessage(
      String author, String to, String text, String messageId, long clock, long timeMillis)
      implements Said {
    @Override
    public String conversation() {
      return ofPair(author, to);
    }
  }

  /** What is no name and no message: nobody is shown it. */
  sealed interface Unseen extends Content {}

  /**
   * A name for a version vector, see {@link Folds}.
   *
   * @param parents earlier folds, each by the op that it is
   * @param lasts the last op of each origin that is named beyond these
   */
  record Fold(List<OpId> parents, List<OpId> lasts, long clock, long timeMillis) implements Unseen {
    /** With copies. */
    public Fold {
      parents = List.copyOf(parents);
      lasts = List.copyOf(lasts);
    }
  }

  /** An op of a kind that this version does not know; it is kept, replicated and counted. */
  record Unknown(long clock, long timeMillis) implements Unseen {}

  /** What kind of op it is, as it is written. */
  static String kind(Content content) {
    return switch (content) {
      case User _ -> "user";
      case Channel _ -> "channel";
      case ChannelMessage _ -> "channel-message";
      case DirectMessage _ -> "direct-message";
      case Fold _ -> FOLD;
      case Unknown _ -> "unknown";
    };
  }

  /** The conversation of a channel. */
  static String ofChannel(String channel) {
    return "#" + Name.fold(channel);
  }

  /** The conversation of two users. */
  static String ofPair(String one, String other) {
    String a = Name.fold(one);
    String b = Name.fold(other);
    return a.compareTo(b) <= 0 ? "@" + a + "\n" + b : "@" + b + "\n" + a;
  }

  /** The bytes of an op. */
  static Bytes encode(Content content) {
    // Most are small: 8 KiB for each, as by default, would cost more than the writing.
    PackerConfig small = new PackerConfig().withBufferSize(512);
    try (MessageBufferPacker packer = small.newBufferPacker()) {
      switch (content) {
        case User user -> fields(packer, content, "name", user.name());
        case Channel channel -> fields(packer, content, "name", channel.name());
        case ChannelMessage said ->
            fields(
                packer,
                content,
                "channel",
                said.channel(),
                "user",
                said.author(),
                "text",
                said.text(),
                "id",
                said.messageId());
        case DirectMessage said ->
            fields(
                packer,
                content,
                "from",
                said.author(),
                "to",
                said.to(),
                "text",
                said.text(),
                "id",
                said.messageId());
        case Fold fold -> {
          byte[] named = named(fold);
          head(packer, 4, content);
          packer.packString(FOLD).packBinaryHeader(named.length).writePayload(named);
        }
        case Unknown _ -> fields(packer, content);
      }
      return Bytes.owning(packer.toByteArray());
    } catch (IOException impossible) {
      throw new AssertionError("packing into memory", impossible);
    }
  }

  private static void fields(MessageBufferPacker packer, Content content, String... namesAndTexts)
      throws IOException {
    head(packer, 3 + namesAndTexts.length / 2, content);
    for (String text : namesAndTexts) {
      packer.packString(text);
    }
  }

  private static void head(MessageBufferPacker packer, int size, Content content)
      throws IOException {
    packer.packMapHeader(size);
    packer.packString("kind").packString(kind(content));
    packer.packString("clock").packLong(content.clock());
    packer.packString("time").packLong(content.timeMillis());
  }

  private static byte[] named(Fold fold) throws IOException {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      for (List<OpId> ids : List.of(fold.parents(), fold.lasts())) {
        packer.packArrayHeader(ids.size());
        for (OpId id : ids) {
          DeltaVector.pack(packer, id.origin(), id.sequence());
        }
      }
      return packer.toByteArray();
    }
  }

  /** Of what {@link #named} gave. */
  private static Content fold(byte[] named, long clock, long timeMillis) {
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(named)) {
      List<OpId> parents = DeltaVector.unpack(unpacker);
      return new Fold(parents, DeltaVector.unpack(unpacker), clock, timeMillis);
    } catch (IOException | MessagePackException | IllegalArgumentException unreadable) {
      return new Unknown(clock, timeMillis);
    }
  }

  /** What bytes say; never fails: what cannot be read is {@link Unknown}. */
  static Content decode(byte[] bytes) {
    Map<String, String> texts = new HashMap<>();
    byte[] named = {};
    long clock = 0;
    long timeMillis = 0;
    try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
      int size = Math.min(unpacker.unpackMapHeader(), 64);
      for (int i = 0; i < size; i++) {
        String name = unpacker.unpackString();
        ValueType type = unpacker.getNextFormat().getValueType();
        if (type == ValueType.STRING) {
          texts.put(name, unpacker.unpackString());
        } else if (type == ValueType.INTEGER && name.equals("clock")) {
          clock = unpacker.unpackLong();
        } else if (type == ValueType.INTEGER && name.equals("time")) {
          timeMillis = unpacker.unpackLong();
        } else if (type == ValueType.BINARY && name.equals(FOLD)) {
          named = unpacker.readPayload(unpacker.unpackBinaryHeader());
        } else {
          unpacker.skipValue();
        }
      }
    } catch (IOException | MessagePackException unreadable) {
      return new Unknown(clock < 0 || clock > Envelope.MAX_CLOCK ? 0 : clock, timeMillis);
    }
    // A clock that no message may carry would, after a restart, stand in all that this server
    // sends.
    return clock < 0 || clock > Envelope.MAX_CLOCK
        ? new Unknown(0, timeMillis)
        : known(texts, named, clock, timeMillis);
  }

  private static Content known(
      Map<String, String> texts, byte[] named, long clock, long timeMillis) {
    Content unknown = new Unknown(clock, timeMillis);
    String id = texts.getOrDefault("id", "");
    @Nullable String text = texts.get("text");
    return switch (texts.getOrDefault("kind", "")) {
      case "user" -> {
        @Nullable String name = texts.get("name");
        yield name == null ? unknown : new User(name, clock, timeMillis);
      }
      case "channel" -> {
        @Nullable String name = texts.get("name");
        yield name == null ? unknown : new Channel(name, clock, timeMillis);
      }
      case "channel-message" -> {
        @Nullable String channel = texts.get("channel");
        @Nullable String author = texts.get("user");
        yield channel == null || author == null || text == null
            ? unknown
            : new ChannelMessage(channel, author, text, id, clock, timeMillis);
      }
      case "direct-message" -> {
        @Nullable String from = texts.get("from");
        @Nullable String to = texts.get("to");
        yield from == null || to == null || text == null
            ? unknown
            : new DirectMessage(from, to, text, id, clock, timeMillis);
      }
      case FOLD -> fold(named, clock, timeMillis);
      default -> unknown;
    };
  }
}
