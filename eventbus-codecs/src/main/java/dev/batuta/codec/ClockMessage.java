package dev.batuta.codec;

import java.util.List;

/** The messages of the Berkeley algorithm (Gusella and Zatti 1989, section 2). */
public sealed interface ClockMessage extends Message {

  /** The coordinator asks for the time. */
  @Type(30)
  record Poll(long round) implements ClockMessage {}

  /**
   * A server's clock + offset in microseconds since 1970, read when the poll arrived, the offset in
   * it, and how many adjustments that clock has taken in this run of the process.
   */
  @Type(31)
  record Reading(long round, long timeMicros, long offsetMicros, long adjustments)
      implements ClockMessage {}

  /**
   * A server's new offset, for a clock that has taken exactly so many adjustments: a repeated, late
   * or competing one is not applied.
   *
   * @param adjustmentMicros what the round found, for people
   * @param offsetMicros the offset that was read, plus the adjustment
   */
  @Type(32)
  record Adjust(long round, long adjustmentMicros, long offsetMicros, long adjustments)
      implements ClockMessage {}

  /** To all: what a round found and did; instants are {@code time} of the coordinator. */
  @Type(33)
  record Round(long round, String coordinator, List<Measured> servers, long timeMillis)
      implements ClockMessage {}

  /** One server of a round, with its offset after the adjustment. */
  @Type(34)
  record Measured(
      String server, long clock, long offsetMicros, long roundTripMicros, boolean counted) {}

  /** Asks the coordinator for a round now; answered by its {@link Round}. */
  @Type(35)
  record AskRound() implements ClockMessage {}
}
