package dev.batuta.election;

/** What this server does about the baton. */
public sealed interface Phase {
  /** Nobody is known to hold it; at {@code until} this server starts an election. */
  record Idle(long until) implements Phase {}

  /** Asked the better-ranked; without an OK by then it claims. */
  record Asking(long until) implements Phase {}

  /** A better-ranked server lives; it has until then to announce itself. */
  record Deferring(long until) implements Phase {}

  /** A claim is on its way to the database. */
  record Claiming() implements Phase {}

  /** It was elected, but the database says that another may still act. */
  record Refused(long until) implements Phase {}

  /** It holds the baton. */
  record Leading(long epoch, long renewed, long announced) implements Phase {}

  /** Another holds it. */
  record Following(String coordinator, long epoch) implements Phase {}

  /** It is about to leave. */
  record Stopped() implements Phase {}
}
