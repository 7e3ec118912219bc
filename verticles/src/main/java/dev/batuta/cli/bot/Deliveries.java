package dev.batuta.cli.bot;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What bots sent, had acknowledged and saw, and what follows: each message that was acknowledged
 * must be seen once by every member of its channel, its author among them.
 *
 * <p>Pure, and exact in bounded memory: a message is forgotten when it is acknowledged and all have
 * seen it, as whoever sees it then sees it twice. Of one author at most {@value #MAX_OPEN} may be
 * open. Not safe on several threads.
 */
final class Deliveries {
  static final int MAX_OPEN = 1_000;

  private final int channels;
  private final List<Member> bots = new ArrayList<>();

  /**
   * Counts of one bot, as an author and as a reader, or of all.
   *
   * @param sent messages, however often each was posted
   * @param unknown sent, and not acknowledged by now: they may be seen
   * @param seen messages of this run, each once
   * @param missing acknowledged messages that it has not seen by now
   * @param doubled sights of a message that it had seen before
   * @param strange sights of what nobody in its channel has sent
   */
  record Counts(
      long sent,
      long acknowledged,
      long unknown,
      long seen,
      long missing,
      long doubled,
      long strange) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          sent + other.sent,
          acknowledged + other.acknowledged,
          unknown + other.unknown,
          seen + other.seen,
          missing + other.missing,
          doubled + other.doubled,
          strange + other.strange);
    }
  }

  private static final class Member {
    final Map<Long, Open> open = new HashMap<>();
    final Latencies latencies = new Latencies();
    long sent;
    long acknowledged;
    long seen;
    long doubled;
    long strange;
  }

  /** A message that is not acknowledged, or not seen by all. */
  private static final class Open {
    final long sentNanos;
    final BitSet seenBy = new BitSet();
    boolean acknowledged;

    Open(long sentNanos) {
      this.sentNanos = sentNanos;
    }
  }

  /**
   * Bots are dealt round the channels, both counted from 0.
   *
   * @param channels at most as many as bots
   */
  Deliveries(int bots, int channels) {
    this.channels = channels;
    for (int bot = 0; bot < bots; bot++) {
      this.bots.add(new Member());
    }
  }

  /** The channel of a bot. */
  int channel(int bot) {
    return bot % channels;
  }

  /** How many are in the channel of a bot, which is one of them. */
  private int members(int bot) {
    return Math.ceilDiv(bots.size() - channel(bot), channels);
  }

  /** Whether a bot must send nothing for now. */
  boolean isFull(int author) {
    return bots.get(author).open.size() >= MAX_OPEN;
  }

  /**
   * A bot sends its next message.
   *
   * @return the message's number among its author's, from 1
   */
  long send(int author, long nowNanos) {
    if (isFull(author)) {
      throw new IllegalStateException("bot %d has %d open messages".formatted(author, MAX_OPEN));
    }
    var by = bots.get(author);
    by.open.put(++by.sent, new Open(nowNanos));
    return by.sent;
  }

  /** A message was acknowledged, which is said once of each. */
  void acknowledge(int author, long number) {
    var by = bots.get(author);
    var message = by.open.get(number);
    if (message == null || message.acknowledged) {
      throw new IllegalStateException(
          "message %d of bot %d waits for no acknowledgement".formatted(number, author));
    }
    message.acknowledged = true;
    by.acknowledged++;
    settle(author, number, message);
  }

  /** A bot saw a message; author and number are what the message says. */
  void see(int reader, int author, long number, long nowNanos) {
    var by = bots.get(reader);
    if (author >= bots.size()
        || channel(author) != channel(reader)
        || number < 1
        || number > bots.get(author).sent) {
      by.strange++;
      return;
    }
    var message = bots.get(author).open.get(number);
    if (message == null || message.seenBy.get(reader)) {
      by.doubled++;
      return;
    }
    message.seenBy.set(reader);
    by.seen++;
    by.latencies.add(nowNanos - message.sentNanos);
    settle(author, number, message);
  }

  private void settle(int author, long number, Open message) {
    if (message.acknowledged && message.seenBy.cardinality() == members(author)) {
      bots.get(author).open.remove(number);
    }
  }

  /** Messages that are remembered. */
  int open() {
    return bots.stream().mapToInt(bot -> bot.open.size()).sum();
  }

  Counts counts(int bot) {
    var of = bots.get(bot);
    return new Counts(
        of.sent,
        of.acknowledged,
        of.sent - of.acknowledged,
        of.seen,
        missing(bot),
        of.doubled,
        of.strange);
  }

  private long missing(int reader) {
    return IntStream.range(0, bots.size())
        .filter(author -> channel(author) == channel(reader))
        .mapToObj(bots::get)
        .flatMap(author -> author.open.values().stream())
        .filter(message -> message.acknowledged && !message.seenBy.get(reader))
        .count();
  }

  Counts total() {
    var total = Counts.NONE;
    for (int bot = 0; bot < bots.size(); bot++) {
      total = total.plus(counts(bot));
    }
    return total;
  }

  /** From sending to seeing, of what a bot saw. */
  Latencies latencies(int reader) {
    return bots.get(reader).latencies;
  }
}
