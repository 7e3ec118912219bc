package dev.batuta.database;

import dev.batuta.codec.Refused;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the errors mean that procedures raise themselves ({@code SIGNAL SQLSTATE '45000'}, with a
 * number of their own), to the store that calls them: only that one knows what they are about.
 */
@FunctionalInterface
public interface Signals {

  /**
   * The refusal that a signal is.
   *
   * @param number its {@code MYSQL_ERRNO}
   * @param sentence its {@code MESSAGE_TEXT}
   * @return empty when no procedure of this store signals that
   */
  Optional<Refused> refusal(int number, String sentence);

  /** Of procedures that signal nothing. */
  static Signals none() {
    return (number, sentence) -> Optional.empty();
  }

  /** Of procedures that signal one thing. */
  static Signals of(int number, Function<String, Refused> meaning) {
    return (signalled, sentence) ->
        signalled == number ? Optional.of(meaning.apply(sentence)) : Optional.empty();
  }

  /** These, and others. */
  default Signals or(Signals others) {
    return (number, sentence) ->
        refusal(number, sentence).or(() -> others.refusal(number, sentence));
  }
}
