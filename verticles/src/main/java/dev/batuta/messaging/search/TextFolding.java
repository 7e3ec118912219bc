package dev.batuta.messaging.search;

import java.lang.Character.UnicodeBlock;
import java.text.Normalizer;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What texts have in common that somebody who searches takes for the same: without case, accents,
 * widths and what cannot be seen. {@code acao} is found as {@code ação}, {@code tieng} as {@code
 * tiếng}; vowel signs of scripts that have no other vowels stay, as without them it is another
 * word.
 */
final class TextFolding {
  /**
   * Stands for what no text should have, so that no text has what {@link Readership} marks with.
   */
  private static final int REPLACEMENT = 0xFFFD;

  /** Letters that Unicode does not take apart, and that keyboards elsewhere do not have. */
  private static final Map<Integer, String> PLAIN =
      Map.ofEntries(
          Map.entry((int) 'đ', "d"),
          Map.entry((int) 'ð', "d"),
          Map.entry((int) 'ø', "o"),
          Map.entry((int) 'ł', "l"),
          Map.entry((int) 'ħ', "h"),
          Map.entry((int) 'ß', "ss"),
          Map.entry((int) 'æ', "ae"),
          Map.entry((int) 'œ', "oe"),
          Map.entry((int) 'þ', "th"),
          Map.entry(0x2018, "'"),
          Map.entry(0x2019, "'"),
          Map.entry(0x201C, "\""),
          Map.entry(0x201D, "\""),
          Map.entry(0x2010, "-"),
          Map.entry(0x2011, "-"),
          Map.entry(0x2013, "-"),
          Map.entry(0x2014, "-"));

  /** Whose marks may be left out. */
  private static final Set<UnicodeBlock> ACCENTS =
      Set.of(
          UnicodeBlock.COMBINING_DIACRITICAL_MARKS,
          UnicodeBlock.COMBINING_DIACRITICAL_MARKS_EXTENDED,
          UnicodeBlock.COMBINING_DIACRITICAL_MARKS_SUPPLEMENT,
          UnicodeBlock.COMBINING_MARKS_FOR_SYMBOLS,
          UnicodeBlock.COMBINING_HALF_MARKS,
          UnicodeBlock.VARIATION_SELECTORS,
          UnicodeBlock.VARIATION_SELECTORS_SUPPLEMENT,
          UnicodeBlock.HEBREW,
          UnicodeBlock.ARABIC);

  private TextFolding() {}

  /** A text of words, symbols and single blanks, none at its ends. */
  static String fold(String text) {
    if (isAscii(text)) {
      return plain(text);
    }
    StringBuilder folded = new StringBuilder(text.length() + 8);
    Normalizer.normalize(withoutMarksOfTrade(text), Normalizer.Form.NFKD)
        .codePoints()
        .forEach(point -> append(folded, point));
    // Taken apart, kana and Hangul are other letters.
    return Normalizer.normalize(trimmed(folded), Normalizer.Form.NFC);
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        return false;
      }
    }
    return true;
  }

  /** Taken apart, the marks behind a name would be letters of it. */
  private static String withoutMarksOfTrade(String text) {
    return text.replace('\u2122', ' ').replace('\u2120', ' ');
  }

  private static String plain(String ascii) {
    StringBuilder folded = new StringBuilder(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      char c = ascii.charAt(i);
      if (c > ' ' && c < 127) {
        folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
      } else {
        blank(folded);
      }
    }
    return trimmed(folded);
  }

  private static void append(StringBuilder folded, int point) {
    switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          blank(folded);
      case Character.FORMAT -> {} // joins or turns what is around it
      case Character.PRIVATE_USE, Character.SURROGATE, Character.UNASSIGNED ->
          folded.appendCodePoint(REPLACEMENT);
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> {
        if (!isAccent(point)) {
          folded.appendCodePoint(point);
        }
      }
      default -> {
        // Up first: a final sigma and a dotless i have the capital of the other one.
        int lower = Character.toLowerCase(Character.toUpperCase(point));
        @Nullable String plain = PLAIN.get(lower);
        if (plain == null) {
          folded.appendCodePoint(lower);
        } else {
          folded.append(plain);
        }
      }
    }
  }

  /** Whether a mark may be left out: an accent, a vowel point, what chooses how a sign looks. */
  private static boolean isAccent(int point) {
    @Nullable UnicodeBlock block = UnicodeBlock.of(point);
    return block != null && ACCENTS.contains(block);
  }

  private static void blank(StringBuilder folded) {
    if (!folded.isEmpty() && folded.charAt(folded.length() - 1) != ' ') {
      folded.append(' ');
    }
  }

  private static String trimmed(StringBuilder folded) {
    int end = folded.length();
    return folded.substring(0, end > 0 && folded.charAt(end - 1) == ' ' ? end - 1 : end);
  }
}
