package dev.batuta.node;

/**
 * Text of others as a terminal may be given it: what would move its cursor, end a line or turn the
 * direction of writing is escaped as in JSON, so that it is seen and does nothing. Letters of all
 * scripts, and emoji, stay as they are.
 */
public final class VisibleText {
  private VisibleText() {}

  /**
   * One line: {@code \n}, {@code \r} and {@code \t} for these, <code>&#92;u001b</code> and the like
   * for other controls (C0, DEL, C1), separators of lines and paragraphs, embeddings, overrides and
   * isolates of direction (Unicode standard annex 9), and halves of surrogate pairs. Of a text that
   * is JSON it makes JSON of the same value. Twice is as once.
   */
  public static String of(String text) {
    int plain = 0;
    while (plain < text.length() && !isEscaped(text, plain)) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    var visible = new StringBuilder(text.length() + 16).append(text, 0, plain);
    for (int i = plain; i < text.length(); i++) {
      char each = text.charAt(i);
      if (isEscaped(text, i)) {
        escape(visible, each);
      } else {
        visible.append(each);
      }
    }
    return visible.toString();
  }

  private static void escape(StringBuilder visible, char each) {
    switch (each) {
      case '\n' -> visible.append("\\n");
      case '\r' -> visible.append("\\r");
      case '\t' -> visible.append("\\t");
      default -> visible.append("\\u%04x".formatted((int) each));
    }
  }

  private static boolean isEscaped(String text, int at) {
    char each = text.charAt(at);
    if (each < 0x7F) {
      return each < ' ';
    }
    return each <= 0x9F
        || (each >= 0x2028 && each <= 0x202E)
        || (each >= 0x2066 && each <= 0x2069)
        || (Character.isSurrogate(each) && !isOfPair(text, at));
  }

  private static boolean isOfPair(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }
}
