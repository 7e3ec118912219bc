package dev.batuta.messaging.replica;

import java.text.Normalizer;
import java.util.Locale;

/**
 * When two texts are the same name of a user or a channel: they differ by blanks around them, case,
 * or how an accent is composed, and by nothing else. The same on every machine, whatever its
 * language.
 */
public final class Name {
  /** What the later of a user and a channel of one name is known with at its end. */
  static final String SECOND = "~2";

  private Name() {}

  /** Whether two texts are one name. */
  public static boolean same(String one, String other) {
    return fold(one).equals(fold(other));
  }

  /** Whether a text is a name under which the one that was created as {@code created} is known. */
  public static boolean isOf(String created, String text) {
    return same(text, created) || same(text, kept(created) + SECOND);
  }

  /** What all texts that are one name have in common. */
  public static String fold(String name) {
    return isPlain(name)
        ? name
        // Lower case first: the upper case of a sharp s has no other upper case.
        : kept(name).toLowerCase(Locale.ROOT).toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  private static boolean isPlain(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c <= ' ' || c > '~' || (c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return true;
  }

  /** A name as it is kept: without blanks around it, its accents composed. */
  static String kept(String name) {
    int start = 0;
    int end = name.length();
    while (start < end && isBlank(name.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(name.charAt(end - 1))) {
      end--;
    }
    return Normalizer.normalize(name.substring(start, end), Normalizer.Form.NFC);
  }

  private static boolean isBlank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  /** Whether a name may have a character. */
  static boolean isVisible(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> codePoint == ' ';
      default -> true;
    };
  }
}
