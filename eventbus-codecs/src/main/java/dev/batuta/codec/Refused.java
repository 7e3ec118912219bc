package dev.batuta.codec;

/** A {@link Failure} as an exception, for futures. It has no stack trace: it is an answer. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Failure failure;

  /** Wraps an answer. */
  public Refused(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** Shorthand for a refusal that trying again does not help. */
  public Refused(Failure.Kind kind, String code, String message) {
    this(new Failure(kind, code, message));
  }

  /**
   * Whether what failed so may succeed as it is when it is tried again: what is needed is away, is
   * held by others, or did not answer, so that what was asked for may have happened.
   */
  public static boolean isPassing(Throwable error) {
    return error instanceof Refused refused
        && switch (refused.failure().kind()) {
          case UNAVAILABLE, UNKNOWN, BUSY -> true;
          case INVALID,
              UNAUTHENTICATED,
              FORBIDDEN,
              NOT_FOUND,
              CONFLICT,
              TOO_LARGE,
              FENCED,
              INTERNAL ->
              false;
        };
  }

  /** What was refused and why. */
  public Failure failure() {
    return failure;
  }
}
