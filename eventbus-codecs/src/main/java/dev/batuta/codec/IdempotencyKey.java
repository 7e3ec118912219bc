package dev.batuta.codec;

/**
 * What the author's own key of a submission or message may be, by which a repeat is the same one.
 * The one judge of keys for every door, and for the servers behind them.
 */
public final class IdempotencyKey {
  /** Longest key, in characters as the database counts them. */
  public static final int MAX_CHARACTERS = 128;

  private IdempotencyKey() {}

  /**
   * The same key; refuses one that has not 1 to {@value #MAX_CHARACTERS} visible characters.
   *
   * @param field where it was given, for the refusal
   */
  public static String checked(String field, String key) {
    Text.checkVisible(field, key, MAX_CHARACTERS);
    return key;
  }
}
