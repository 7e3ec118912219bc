package dev.batuta.messaging.search;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A part of a folded text whose characters are of one sort, and which is found as such.
 *
 * <p>A word is found as a whole. In scripts without spaces nobody sees where a word begins: there
 * every two neighbours are a term (bigrams, as in Lucene's CJK analysis), so that a word of two
 * characters is found wherever it stands, and each character is one for itself. So it is for
 * symbols.
 */
record Run(Sort sort, String text) {
  /** Longer words are found by their beginning, and then looked at. */
  private static final int MOST_CHARACTERS = 64;

  /** Added to what SQLite's plainest tokenizer would take for the end of a term. */
  private static final int SYMBOLS = 0xE000;

  /** Which characters stand together. */
  enum Sort {
    WORD,
    DENSE,
    SYMBOL
  }

  /** The parts of a folded text in their order. */
  static List<Run> of(String folded) {
    List<Run> runs = new ArrayList<>();
    int start = 0;
    Sort sort = Sort.WORD;
    int i = 0;
    while (i < folded.length()) {
      int point = folded.codePointAt(i);
      boolean isBlank = point == ' ';
      Sort next = isBlank ? sort : sort(point, i == start ? Sort.WORD : sort);
      if (i > start && (isBlank || next != sort)) {
        runs.add(new Run(sort, folded.substring(start, i)));
        start = i;
      }
      sort = next;
      i += Character.charCount(point);
      if (isBlank) {
        start = i;
      }
    }
    if (i > start) {
      runs.add(new Run(sort, folded.substring(start)));
    }
    return runs;
  }

  /**
   * What a character is.
   *
   * @param before what the one before it is, for marks
   */
  private static Sort sort(int point, Sort before) {
    if (point < 128) {
      return isPlain(point) ? Sort.WORD : Sort.SYMBOL;
    }
    if (isMark(point)) {
      return before;
    }
    return switch (Character.getType(point)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER,
          Character.DECIMAL_DIGIT_NUMBER ->
          isDense(point) ? Sort.DENSE : Sort.WORD;
      default -> Sort.SYMBOL;
    };
  }

  /** Of ASCII, folded. */
  private static boolean isPlain(int point) {
    return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9');
  }

  private static boolean isMark(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  /**
   * Whether words follow each other without spaces, or what belongs to them does, as the particles
   * of Korean; the long vowel of kana is of no script.
   */
  private static boolean isDense(int point) {
    return switch (UnicodeScript.of(point)) {
      case HAN, HIRAGANA, KATAKANA, BOPOMOFO, HANGUL, THAI, LAO, KHMER, MYANMAR, TIBETAN -> true;
      default -> point == 0x30FC;
    };
  }

  /** Whether a word that has its ends goes on over a place of a folded text. */
  static boolean isInsideWord(String folded, int at) {
    return at > 0
        && at < folded.length()
        && isOfWord(folded, at)
        && isOfWord(folded, before(folded, at));
  }

  /** Where the word ends that a place is in. */
  static int endOfWord(String folded, int at) {
    int end = at;
    while (end < folded.length()) {
      int point = folded.codePointAt(end);
      if (point == ' ' || sort(point, Sort.WORD) != Sort.WORD) {
        return end;
      }
      end += Character.charCount(point);
    }
    return end;
  }

  /** Whether a character is part of a word that has its ends; a mark is what it stands on. */
  private static boolean isOfWord(String folded, int at) {
    int base = at;
    while (base > 0 && isMark(folded.codePointAt(base))) {
      base = before(folded, base);
    }
    int point = folded.codePointAt(base);
    return point == ' ' ? base < at : sort(point, Sort.WORD) == Sort.WORD;
  }

  private static int before(String folded, int at) {
    return folded.offsetByCodePoints(at, -1);
  }

  /** The terms by which it is found. */
  void index(Consumer<String> terms) {
    switch (sort) {
      case WORD -> terms.accept(beginning());
      case DENSE -> grams(terms);
      case SYMBOL -> grams(term -> terms.accept(encoded(term)));
    }
  }

  /** What finds it in the index, as parts of an FTS5 query that all must be there. */
  void seek(Consumer<String> parts) {
    switch (sort) {
      case WORD -> parts.accept(quoted(beginning()));
      case DENSE -> rarest(term -> parts.accept(quoted(term)));
      case SYMBOL -> rarest(term -> parts.accept(quoted(encoded(term))));
    }
  }

  /** Each two neighbours, and each character, so that also one alone is found by its term. */
  private void grams(Consumer<String> terms) {
    bigrams(terms);
    text.codePoints().forEach(point -> terms.accept(Character.toString(point)));
  }

  /** Of the terms that it has those that fewest others have. */
  private void rarest(Consumer<String> terms) {
    if (text.codePointCount(0, text.length()) == 1) {
      terms.accept(text);
    } else {
      bigrams(terms);
    }
  }

  private void bigrams(Consumer<String> terms) {
    int first = 0;
    int second = Character.charCount(text.codePointAt(0));
    while (second < text.length()) {
      int end = second + Character.charCount(text.codePointAt(second));
      terms.accept(text.substring(first, end));
      first = second;
      second = end;
    }
  }

  private String beginning() {
    return text.length() <= MOST_CHARACTERS
            || text.codePointCount(0, text.length()) <= MOST_CHARACTERS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MOST_CHARACTERS));
  }

  /** The tokenizer takes letters, digits and all that is not ASCII: no other character is left. */
  private static String encoded(String symbols) {
    StringBuilder encoded = new StringBuilder(symbols.length());
    symbols
        .codePoints()
        .forEach(point -> encoded.appendCodePoint(point < 128 ? SYMBOLS + point : point));
    return encoded.toString();
  }

  /** No term has a quotation mark: those are encoded. */
  static String quoted(String term) {
    return '"' + term + '"';
  }
}
