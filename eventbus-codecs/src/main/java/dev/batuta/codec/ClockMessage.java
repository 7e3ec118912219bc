package dev.batuta.codec;

/** The messages of the Berkeley algorithm (Gusella and Zatti 1989, section 2). */
public sealed interface ClockMessage extends Message {

  /** The coordinator asks for the time. */
  @Type(30)
  record Poll(long round) implements ClockMessage {}

  /** A server's {@code time} in microseconds since 1970, read when the poll arrived. */
  @Type(31)
  record Reading(long round, long timeMicros) implements ClockMessage {}

  /** What this server is to add to its offset. */
  @Type(32)
  record Adjust(long round, long adjustmentMicros) implements ClockMessage {}
}
