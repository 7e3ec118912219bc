package dev.batuta.messaging.replica;

import dev.batuta.messaging.replica.Content.ChannelMessage;
import dev.batuta.messaging.replica.Content.DirectMessage;

/**
 * The rules of one server's copy: which op may be applied, and what names mean after it.
 *
 * <p>Each origin's ops are applied in their order, each once; nothing else is ever refused, so that
 * all copies that were given the same ops in any order, with repetitions, read the same. Pure: no
 * clock, no random, no I/O. One thread applies.
 */
public final class Replica {
  /** What is to be done with an op that came. */
  public enum Verdict {
    /** It is the next of its origin: keep it, then {@link #apply} it. */
    NEXT,
    /** It is here, or this server made it. */
    DUPLICATE,
    /** One before it is missing: ask for that, the sender has it. */
    GAP
  }

  /** How much a copy holds: names that are shown, and ops of messages and of unknown kind. */
  public record Counts(
      int users, int channels, long channelMessages, long directMessages, long unknown) {}

  private final Origin self;
  private final Folds folds = new Folds();
  private final VersionVector vector = new VersionVector(folds, 0);
  private final Names names = new Names();
  private long highestClock;
  private long channelMessages;
  private long directMessages;
  private long unknown;

  /** An empty copy, of a server that starts. */
  public Replica(Origin self) {
    this.self = self;
  }

  /** What is to be done with an op of another server. */
  public Verdict judge(Origin origin, long sequence) {
    if (origin.equals(self) || vector.covers(origin, sequence)) {
      return Verdict.DUPLICATE;
    }
    return sequence == vector.of(origin) + 1 ? Verdict.NEXT : Verdict.GAP;
  }

  /** Takes the next op of an origin. */
  public void apply(Origin origin, long sequence, Content content) {
    if (sequence != vector.of(origin) + 1) {
      throw new IllegalStateException(
          "op %d of %s does not follow %d".formatted(sequence, origin, vector.of(origin)));
    }
    vector.put(origin, sequence);
    restore(origin, sequence, content);
    folds.rose(origin, vector);
    vector.fold(folds.level());
  }

  /** What an op of the log means, on reading the log again; the vector comes separately. */
  public void restore(Origin origin, long sequence, Content content) {
    if (Long.compareUnsigned(content.clock(), highestClock) > 0) {
      highestClock = content.clock();
    }
    ReadingOrder place = new ReadingOrder(content.clock(), origin, sequence);
    switch (content) {
      case Content.User user -> names.add(Names.Of.USER, user.name(), place);
      case Content.Channel channel -> names.add(Names.Of.CHANNEL, channel.name(), place);
      case ChannelMessage _ -> channelMessages++;
      case DirectMessage _ -> directMessages++;
      case Content.Fold fold -> folds.add(new OpId(origin, sequence), fold, vector);
      case Content.Unknown _ -> unknown++;
    }
  }

  /**
   * Takes over what was counted before a restart, once names and folds are restored.
   *
   * @param unseen folds, and what is of unknown kind
   */
  public void restore(VersionVector held, long clock, long ofChannels, long direct, long unseen) {
    held.entries().forEach(vector::put);
    folds.roseAll(vector);
    vector.fold(folds.level());
    highestClock = clock;
    channelMessages = ofChannels;
    directMessages = direct;
    unknown = unseen - folds.known();
  }

  /** The number that this server's next op has. */
  public long nextSequence() {
    return vector.of(self) + 1;
  }

  Origin self() {
    return self;
  }

  public VersionVector vector() {
    return vector;
  }

  public Names names() {
    return names;
  }

  public long highestClock() {
    return highestClock;
  }

  public Counts counts() {
    return new Counts(
        names.count(Names.Of.USER),
        names.count(Names.Of.CHANNEL),
        channelMessages,
        directMessages,
        unknown);
  }
}
