package dev.batuta.codec;

import java.util.List;

/** The messages of the Berkeley algorithm (Gusella and Zatti 1989, section 2). */
public sealed interface ClockMessage extends Message {

  /** The coordinator asks for the time. */
  @Type(30)
  record Poll(long round) implements ClockMessage {}

  /**
   * A server's clock + offset in microseconds since 1970, read when the poll arrived, and the
   * offset in it.
   */
  @Type(31)
  record Reading(long round, long timeMicros, long offsetMicros) implements ClockMessage {}

  /** What this server is to add to its offset. */
  @Type(32)
  record Adjust(long round, long adjustmentMicros) implements ClockMessage {}

  /** To all: what a round found and did; instants are {@code time} of the coordinator. */
  @Type(33)
  record Round(long round, String coordinator, List<Measured> servers, long timeMillis)
      implements ClockMessage {}

  /** One server of a round, with its offset after the adjustment. */
  @Type(34)
  record Measured(
      String server, long clock, long offsetMicros, long roundTripMicros, boolean counted) {}
}
