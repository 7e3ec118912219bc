package dev.batuta.gateway.json;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.batuta.codec.Failure;
import dev.batuta.codec.Refused;

/**
 * What JSON may hold, whatever the door at which it comes in. How large it may be in all, and with
 * it each of its texts, is the door's matter.
 */
public final class JsonBounds {
  /** Of objects and arrays in each other. */
  public static final int MAX_DEPTH = 32;

  private static final int MAX_NUMBER = 100;
  private static final int MAX_NAME = 256;

  /** What a client is told whose JSON is beyond them. */
  public static final String SENTENCE =
      "The JSON has more than %d levels of objects and arrays, a number of more than %d characters or with an exponent that no number has, or a name of more than %d characters; send a simpler one."
          .formatted(MAX_DEPTH, MAX_NUMBER, MAX_NAME);

  public static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(MAX_DEPTH)
          .maxNumberLength(MAX_NUMBER)
          .maxNameLength(MAX_NAME)
          .maxStringLength(Integer.MAX_VALUE)
          .build();

  private JsonBounds() {}

  /** Whether something could not be read because it is beyond them, and not for being no JSON. */
  public static boolean areExceeded(Exception unreadable) {
    return unreadable instanceof StreamConstraintsException
        || unreadable instanceof NumberFormatException;
  }

  /** The refusal of what is beyond them. */
  static Refused exceeded() {
    return new Refused(Failure.Kind.TOO_LARGE, "too-large", SENTENCE);
  }
}
