package dev.batuta.cli.bot;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A message of a bot, which says in its text which one it is: so it is known again by whoever reads
 * it, whatever server made what id of it.
 *
 * @param to whom it is addressed, empty for everybody
 * @param words without a line break
 */
record Remark(Optional<String> to, String words, Mark mark) {
  private static final Pattern ADDRESSED = Pattern.compile("@(\\S+) .*", Pattern.DOTALL);
  private static final Pattern MARKED =
      Pattern.compile(".* \\((\\w+) (\\d{1,4})/(\\d{1,18})\\)", Pattern.DOTALL);

  /**
   * Which message of which run of bots.
   *
   * @param bot its author, counted from 0
   * @param number of the message among the author's, counted from 1
   */
  record Mark(String run, int bot, long number) {
    /** By which its author has it stored once, however often it is posted. */
    String key() {
      return run + "-" + bot + "-" + number;
    }

    static Optional<Mark> of(String text) {
      var found = MARKED.matcher(text);
      return found.matches()
          ? Optional.of(
              new Mark(
                  found.group(1), Integer.parseInt(found.group(2)), Long.parseLong(found.group(3))))
          : Optional.empty();
    }
  }

  String text() {
    return "%s%s (%s %d/%d)"
        .formatted(
            to.map(name -> "@" + name + " ").orElse(""),
            words,
            mark.run(),
            mark.bot(),
            mark.number());
  }

  /** Whether a text, of whoever it is, is addressed to a name, whatever its case. */
  static boolean isTo(String name, String text) {
    var found = ADDRESSED.matcher(text);
    return found.matches() && found.group(1).equalsIgnoreCase(name);
  }
}
