package dev.batuta.messaging.search;

import dev.batuta.codec.Refused;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What somebody typed: terms between blanks, all of which a message must have, in any order. It is
 * taken as it is; no character has a meaning of its own. Pure.
 *
 * <p>The index knows words, pairs of characters and symbols apart. That they stand together as in
 * {@code c++} or {@code 3.14}, is seen in the text of what was found.
 */
final class SearchQuery {
  /** The most characters that are searched for. */
  static final int MOST_CHARACTERS = 256;

  /** The most terms between blanks. */
  static final int MOST_TERMS = 16;

  /** Of more parts than these the others are seen in the text only. */
  private static final int MOST_PARTS = 32;

  /** Of a message, for what is long and what is short. */
  private static final int USUAL_CHARACTERS = 60;

  /** More of one term make a message no better. */
  private static final int MOST_TIMES = 16;

  private static final String QUOTES = "\"'";
  private static final String STOPS = ",.;:!?";

  private final Term whole;
  private final List<Term> terms;
  private final Set<String> parts = new LinkedHashSet<>();

  private SearchQuery(List<String> terms) {
    this.terms = terms.stream().map(Term::new).toList();
    this.whole = new Term(String.join(" ", terms));
    for (String term : terms) {
      for (Run run : Run.of(term)) {
        run.seek(
            part -> {
              if (parts.size() < MOST_PARTS) {
                parts.add(part);
              }
            });
      }
    }
  }

  /**
   * Reads what was typed.
   *
   * @throws Refused when there is nothing in it, or too much
   */
  static SearchQuery of(String typed) {
    int length = typed.codePointCount(0, typed.length());
    if (length > MOST_CHARACTERS) {
      throw Refused.invalid(
          "query-too-long",
          "The query '%s' has %d characters: give at most %d."
              .formatted(Refused.shown(typed), length, MOST_CHARACTERS));
    }
    Set<String> terms = new LinkedHashSet<>();
    for (String term : TextFolding.fold(typed).split(" ", -1)) {
      if (!term.isEmpty()) {
        terms.add(bare(term));
      }
    }
    if (terms.isEmpty()) {
      throw Refused.invalid(
          "query-blank",
          "The query '%s' is blank: give a word, or a part of a text without spaces."
              .formatted(Refused.shown(typed)));
    }
    if (terms.size() > MOST_TERMS) {
      throw Refused.invalid(
          "query-too-long",
          "The query '%s' has %d words: give at most %d."
              .formatted(Refused.shown(typed), terms.size(), MOST_TERMS));
    }
    return new SearchQuery(List.copyOf(terms));
  }

  /** Without what belongs to a sentence around it; what is nothing else stays as it is. */
  private static String bare(String term) {
    int start = 0;
    int end = term.length();
    while (start < end && QUOTES.indexOf(term.charAt(start)) >= 0) {
      start++;
    }
    while (end > start && (QUOTES + STOPS).indexOf(term.charAt(end - 1)) >= 0) {
      end--;
    }
    boolean hasWord = term.codePoints().anyMatch(Character::isLetterOrDigit);
    return hasWord && start < end ? term.substring(start, end) : term;
  }

  /** The query for FTS5: of quoted terms only, so that it is one whatever was typed. */
  String expression(Readership readers) {
    String readable =
        readers.terms().stream().map(Run::quoted).collect(Collectors.joining(" OR ", "(", ")"));
    return readable + " AND " + String.join(" AND ", parts);
  }

  /** Whether a folded text has all terms. */
  boolean matches(String folded) {
    return terms.stream().allMatch(term -> term.next(folded, 0) >= 0);
  }

  /**
   * How well a folded text that {@link #matches} answers, the more the better: how often it has the
   * terms, for its length, as BM25 weighs that (Robertson and Zaragoza 2009, "The Probabilistic
   * Relevance Framework", section 3), and whether it has them side by side as they were typed. All
   * texts have all terms, so how rare each is says little; without that, the figure of a message
   * never changes, and pages stay as they are while others are written.
   */
  int score(String folded) {
    double length = 0.25 + 0.75 * folded.length() / USUAL_CHARACTERS;
    double sum = 0;
    for (Term term : terms) {
      int times = 0;
      int at = term.next(folded, 0);
      while (at >= 0 && times < MOST_TIMES) {
        times++;
        at = term.next(folded, at + term.length());
      }
      sum += times * 2.2 / (times + 1.2 * length);
    }
    double mean = sum / terms.size();
    boolean together = terms.size() > 1 && whole.next(folded, 0) >= 0;
    return (int) Math.round(1_000 * (together ? mean + 1 : mean));
  }

  /** The terms of a text, for the index; a blank is in none. */
  static Set<String> document(String folded, List<String> readers) {
    Set<String> terms = new LinkedHashSet<>(readers);
    Run.of(folded).forEach(run -> run.index(terms::add));
    return terms;
  }
}
