package dev.batuta.codec;

import dev.batuta.codec.Failure.Kind;
import java.time.Duration;

/**
 * A {@link Failure} as an exception, for futures. It has no stack trace: it is an answer.
 *
 * <p>The factories take a code, stable and for programs, and one sentence for people: what was
 * wrong, with which value ({@link #shown}), and what to do.
 */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Longer values are cut when they are repeated in a sentence. */
  private static final int SHOWN_CHARACTERS = 80;

  private static final Duration SOON = Duration.ofSeconds(1);

  private final transient Failure failure;

  /** Wraps an answer. */
  public Refused(Failure failure) {
    super(failure.message(), null, false, false);
    this.failure = failure;
  }

  /** Shorthand for a refusal that trying again does not help. */
  public Refused(Kind kind, String code, String message) {
    this(new Failure(kind, code, message));
  }

  /** The request can never succeed as it is. */
  public static Refused invalid(String code, String sentence) {
    return new Refused(Kind.INVALID, code, sentence);
  }

  /** It is not known who asks. */
  public static Refused unauthenticated(String code, String sentence) {
    return new Refused(Kind.UNAUTHENTICATED, code, sentence);
  }

  /** Who asks may not. */
  public static Refused forbidden(String sentence) {
    return new Refused(Kind.FORBIDDEN, "forbidden", sentence);
  }

  /** There is no such thing. */
  public static Refused notFound(String code, String sentence) {
    return new Refused(Kind.NOT_FOUND, code, sentence);
  }

  /** The name is taken, or the key was used with another payload. */
  public static Refused conflict(String code, String sentence) {
    return new Refused(Kind.CONFLICT, code, sentence);
  }

  /** Something bounded is full. */
  public static Refused busy(String code, String sentence, Duration retryAfter) {
    return new Refused(new Failure(Kind.BUSY, code, sentence, retryAfter.toMillis()));
  }

  /** Nothing happened; a thing that is needed is away. */
  public static Refused unavailable(String code, String sentence) {
    return new Refused(new Failure(Kind.UNAVAILABLE, code, sentence, SOON.toMillis()));
  }

  /** Nobody answered in time: it may have happened. */
  public static Refused unknown(String code, String sentence) {
    return new Refused(Kind.UNKNOWN, code, sentence);
  }

  /**
   * Whether this says that who asked acts under an epoch, term, attempt or registration that is
   * older than the present one.
   */
  public static boolean isFenced(Throwable error) {
    return error instanceof Refused refused && refused.failure.kind() == Kind.FENCED;
  }

  /** Whether this says that the name is taken, or the key was used with another payload. */
  public static boolean isConflict(Throwable error) {
    return error instanceof Refused refused && refused.failure.kind() == Kind.CONFLICT;
  }

  /** Whether this is a defect of Batuta: no refusal, or one that says so. */
  public static boolean isDefect(Throwable error) {
    return !(error instanceof Refused refused) || refused.failure.kind() == Kind.INTERNAL;
  }

  /** Whether this says that nobody answered in time: it may have happened. */
  public static boolean isUnknown(Throwable error) {
    return error instanceof Refused refused && refused.failure.kind() == Kind.UNKNOWN;
  }

  /**
   * Whether what failed so may succeed as it is when it is tried again: what is needed is away, is
   * held by others, or did not answer, so that what was asked for may have happened.
   */
  public static boolean isPassing(Throwable error) {
    return error instanceof Refused refused
        && switch (refused.failure.kind()) {
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

  /**
   * A value as it may be repeated to the one who sent it: short, and without what cannot be seen,
   * which could hide what stands beside it or turn it round.
   */
  public static String shown(String value) {
    String visible =
        value
            .codePoints()
            .limit(SHOWN_CHARACTERS)
            .map(c -> isSeen(c) ? c : '\uFFFD')
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return value.codePointCount(0, value.length()) > SHOWN_CHARACTERS ? visible + ".." : visible;
  }

  private static boolean isSeen(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
