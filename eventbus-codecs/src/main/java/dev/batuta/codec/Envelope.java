package dev.batuta.codec;

/**
 * What travels between verticles: a message, who sent it, and the sender's Lamport clock after the
 * increment that precedes each send.
 *
 * @param sender name of the sending node, empty only if it is {@link #unreadable()}
 * @param clock Lamport clock of the send event, above 0; 0 if it is {@link #unreadable()}
 * @param message what is said
 */
public record Envelope(String sender, long clock, Message message) {
  /** Of a clock that is received: the counting of the receiver must not overflow. */
  public static final long MAX_CLOCK = 1L << 62;

  /**
   * Whether this stands for bytes that could not be decoded; the message is then a {@link Failure}
   * that says why. To a request the failure is the answer; in the place of an answer it means that
   * the outcome is unknown.
   */
  public boolean unreadable() {
    return clock == 0;
  }

  static Envelope unreadable(Failure why) {
    return new Envelope("", 0, why);
  }

  /** Checks what no schema knows. */
  static Envelope received(Object root) {
    Envelope envelope = (Envelope) root;
    if (envelope.clock < 1 || envelope.clock > MAX_CLOCK) {
      throw new MalformedMessage(envelope.clock + " is not from 1 to " + MAX_CLOCK)
          .in("clock")
          .in("Envelope");
    }
    return envelope;
  }
}
