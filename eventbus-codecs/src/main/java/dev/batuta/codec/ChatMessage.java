package dev.batuta.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messaging services, and the replication of their operations. */
public sealed interface ChatMessage extends Message {

  /**
   * Registers a user's name.
   *
   * @param own whether it is the name of a token, at its use: one that is registered is not refused
   *     then, but answered as it is known
   */
  @Type(90)
  record CreateUser(String name, boolean own) implements ChatMessage {
    /** A name that must be new. */
    public CreateUser(String name) {
      this(name, false);
    }
  }

  @Type(91)
  record CreateChannel(String name) implements ChatMessage {}

  /** The name as it was registered. */
  @Type(92)
  record Created(String name) implements ChatMessage {}

  /**
   * @param messageId of its author's: a repeat is the same message, and one with another text or
   *     receiver is refused
   * @param saidMillis when another system took it, which replicates it here; 0 for now
   */
  @Type(93)
  record Publish(String user, String channel, String text, String messageId, long saidMillis)
      implements ChatMessage {
    /** What is said now. */
    public Publish(String user, String channel, String text, String messageId) {
      this(user, channel, text, messageId, 0);
    }
  }

  /**
   * @param messageId of its author's: a repeat is the same message, and one with another text or
   *     receiver is refused
   * @param saidMillis when another system took it, which replicates it here; 0 for now
   */
  @Type(94)
  record Direct(String from, String to, String text, String messageId, long saidMillis)
      implements ChatMessage {
    /** What is said now. */
    public Direct(String from, String to, String text, String messageId) {
      this(from, to, text, messageId, 0);
    }
  }

  /** A message as it is read: with a channel, or with an addressee. Time is in milliseconds. */
  @Type(95)
  record Posted(
      String id,
      @Nullable String channel,
      @Nullable String to,
      String user,
      String text,
      long clock,
      long timeMillis,
      String origin)
      implements ChatMessage {}

  /** {@code after} is the {@code next} of the page before, null for the first. */
  @Type(96)
  record ListUsers(@Nullable String after, int limit) implements ChatMessage {}

  @Type(97)
  record ListChannels(@Nullable String after, int limit) implements ChatMessage {}

  @Type(98)
  record Names(List<String> items, @Nullable String next) implements ChatMessage {}

  /**
   * A page of a channel in reading order; {@code after} is opaque.
   *
   * @param last whether the newest are wanted instead, whatever {@code after} is
   */
  @Type(99)
  record History(String channel, @Nullable String after, int limit, boolean last)
      implements ChatMessage {
    /** A page behind a place. */
    public History(String channel, @Nullable String after, int limit) {
      this(channel, after, limit, false);
    }
  }

  /**
   * A page of what two users told each other, in reading order.
   *
   * @param last whether the newest are wanted instead, whatever {@code after} is
   */
  @Type(100)
  record Conversation(String user, String with, @Nullable String after, int limit, boolean last)
      implements ChatMessage {
    /** A page behind a place. */
    public Conversation(String user, String with, @Nullable String after, int limit) {
      this(user, with, after, limit, false);
    }
  }

  @Type(101)
  record Page(List<Posted> items, @Nullable String next) implements ChatMessage {}

  /** One replicated operation, in the bytes that its origin wrote. */
  @Type(102)
  record Op(String origin, long incarnation, long sequence, Bytes content) {}

  /** How far one server has the operations of one incarnation of an origin. */
  @Type(103)
  record Position(String origin, long incarnation, long sequence) {}

  /** Operations for a replica, in the order of their origins. Answered with {@link Have}. */
  @Type(104)
  record Replicate(String server, List<Op> ops) implements ChatMessage {}

  /**
   * What a replica has on its disk: as a request, its whole version vector, answered with the
   * other's whole vector; as the answer to {@link Replicate}, the positions that it touched.
   *
   * @param complete false while the replica has a new disk, or one that was set back, and so does
   *     not count for a majority
   * @param incarnation the life of the server that says it; 0 from one that does not know of this
   * @param setBack in an answer: whether who asked lacks what it said before to have
   * @param base the folds beyond which {@code vector} is told, each the op that it is; it is told
   *     so only to one that has them
   * @param folds the newest folds of which the replica has all that they name: others may tell it
   *     vectors beyond these
   * @param readsFolds whether the replica knows what a fold is; false from the version before
   */
  @Type(105)
  record Have(
      String server,
      List<Position> vector,
      long clock,
      boolean complete,
      long incarnation,
      boolean setBack,
      List<Position> base,
      List<Position> folds,
      boolean readsFolds)
      implements ChatMessage {}

  /**
   * "What have you beyond this?" Answered with {@link Replicate}, bounded; ask until it is empty.
   *
   * @param base the folds beyond which {@code vector} is told, as in {@link Have}
   */
  @Type(106)
  record Fetch(String server, List<Position> vector, int limit, List<Position> base)
      implements ChatMessage {
    /** With a vector that is told in full. */
    public Fetch(String server, List<Position> vector, int limit) {
      this(server, vector, limit, List.of());
    }
  }

  /** In which order messages are found. */
  enum Order {
    /** The latest first, in reading order. */
    TIME,
    /** The best answer first, among so many of the latest at a time. */
    RANK
  }

  /**
   * Finds messages that have all words of a query: those of channels, and the direct ones of a
   * user. Answered with {@link Found}.
   *
   * @param query as it was typed
   * @param user whose direct messages are found too, null for nobody's
   * @param own whether that is the name of a token, which need not be registered
   * @param after opaque, the {@code next} of the page before of the same query and order; null for
   *     the first
   */
  @Type(120)
  record Search(
      String query,
      @Nullable String user,
      boolean own,
      Order order,
      @Nullable String after,
      int limit)
      implements ChatMessage {}

  /**
   * A page of what was found.
   *
   * @param next null at the end; a page may be short, or empty, before it
   * @param behind how many ops of the log are not in the index yet
   * @param indexedMillis when the last op that is in it was made, in milliseconds since 1970; 0
   *     when {@code behind} is, or nothing is in it
   */
  @Type(121)
  record Found(List<Posted> items, @Nullable String next, long behind, long indexedMillis)
      implements ChatMessage {}

  /**
   * Publishes to a channel, all of it or nothing, in this order. Answered with {@link PostedAll}.
   *
   * @param key of its author's: a repeat is the same messages, and one with others is refused
   */
  @Type(122)
  record PublishAll(String user, String channel, List<String> texts, String key)
      implements ChatMessage {}

  /** The ids of messages, in their order. */
  @Type(123)
  record PostedAll(List<String> ids) implements ChatMessage {}

  /** "Of what is your copy?" Answered with {@link Digest}. */
  @Type(107)
  record AskDigest() implements ChatMessage {}

  /**
   * What a server's copy consists of.
   *
   * @param digest of all its ops; equal where the same ops are
   * @param complete whether it counts for a majority, see {@link Have}
   */
  @Type(108)
  record Digest(
      String server,
      String digest,
      long users,
      long channels,
      long channelMessages,
      long directMessages,
      boolean complete)
      implements ChatMessage {}

  /** "Compare your copy now, with the coordinator's." Answered with {@link Synced}. */
  @Type(109)
  record AskSync() implements ChatMessage {}

  /**
   * Two copies were made the same.
   *
   * @param with the other server; null where there is none
   * @param moved how many ops went one way or the other
   */
  @Type(124)
  record Synced(String server, @Nullable String with, int moved) implements ChatMessage {}

  /**
   * "Give me of your copy what you applied behind this." Answered with {@link Copied}.
   *
   * @param incarnation the life of the server in which the page before was read; 0 at the start
   * @param after the {@code next} of the page before; 0 at the start
   */
  @Type(125)
  record ReadCopy(long incarnation, long after, int limit) implements ChatMessage {}

  /**
   * A page of a server's copy.
   *
   * @param next 0 at the end
   */
  @Type(127)
  record Copied(String server, long incarnation, List<Op> ops, long next) implements ChatMessage {}
}
