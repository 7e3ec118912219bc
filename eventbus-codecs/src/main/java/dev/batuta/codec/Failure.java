package dev.batuta.codec;

/**
 * A refusal: the one form in which every error crosses the bus and leaves through the gateways.
 *
 * @param kind what a caller can do about it
 * @param code stable, for programs, such as {@code channel-not-found}
 * @param message one sentence for people: what was wrong, with which value, and what to do
 * @param retryAfterMillis when to try again, 0 where that does not help
 */
@Type(2)
public record Failure(Kind kind, String code, String message, long retryAfterMillis)
    implements Message {

  /** The family of an error; gateways map each to one status. Only appended to. */
  public enum Kind {
    /** The request can never succeed as it is. */
    INVALID,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    /** The name is taken, or the key was used with another payload. */
    CONFLICT,
    TOO_LARGE,
    /** A bounded queue is full; try again after {@link Failure#retryAfterMillis()}. */
    BUSY,
    /** Nothing happened; a thing that is needed is away. */
    UNAVAILABLE,
    /** Nobody answered in time: it may have happened. Repeat with the same idempotency key. */
    UNKNOWN,
    /** The sender's epoch, term, attempt or registration is older than the present one. */
    FENCED,
    /** A defect of Batuta. */
    INTERNAL
  }

  /** A refusal that trying again does not help. */
  public Failure(Kind kind, String code, String message) {
    this(kind, code, message, 0);
  }
}
