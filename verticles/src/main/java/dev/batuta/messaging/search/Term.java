package dev.batuta.messaging.search;

/**
 * A part of a folded text, and where it stands in another one, not as a part of a longer word. Each
 * character is looked at about once, whatever repeats itself in either of them (Knuth, Morris and
 * Pratt 1977): a text of one letter costs no more than another one. Pure.
 */
final class Term {
  private final String text;

  /** For each length of its beginning, that of the longest which also ends it. */
  private final int[] shorter;

  Term(String text) {
    this.text = text;
    this.shorter = new int[text.length() + 1];
    int length = 0;
    for (int i = 1; i < text.length(); i++) {
      length = grown(length, text.charAt(i));
      shorter[i + 1] = length;
    }
  }

  int length() {
    return text.length();
  }

  /** Where it stands in a text from a place on; -1 if nowhere. */
  int next(String folded, int from) {
    int length = 0;
    int i = from;
    while (i < folded.length()) {
      length = grown(length, folded.charAt(i));
      i++;
      if (length == text.length()) {
        int at = i - length;
        if (!Run.isInsideWord(folded, at) && !Run.isInsideWord(folded, i)) {
          return at;
        }
        length = shorter[length];
        int end = Run.endOfWord(folded, at);
        if (end > i) {
          // None begins in the rest of this word.
          i = end;
          length = 0;
        }
      }
    }
    return -1;
  }

  /** How much of it has been seen, with one more character. */
  private int grown(int length, char next) {
    int seen = length;
    while (seen > 0 && text.charAt(seen) != next) {
      seen = shorter[seen];
    }
    return text.charAt(seen) == next ? seen + 1 : seen;
  }
}
