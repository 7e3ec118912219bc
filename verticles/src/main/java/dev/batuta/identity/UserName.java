package dev.batuta.identity;

import dev.batuta.codec.Refused;
import dev.batuta.codec.Text;

/** What the name of a user may be, of a token, an account or a task. */
public final class UserName {
  /** Longest name, in characters as the database counts them. */
  public static final int MAX_CHARACTERS = 64;

  private UserName() {}

  /** Whether a name is one at first sight, as nearly all are: visible ASCII without blanks. */
  public static boolean isPlain(String name) {
    if (name.isEmpty() || name.length() > MAX_CHARACTERS) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) <= ' ' || name.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  /**
   * The same name; refuses one that has not 1 to {@value #MAX_CHARACTERS} visible characters, or
   * blanks around them.
   *
   * @param field where it was given, for the refusal
   */
  public static String checked(String field, String name) {
    Text.checkVisible(field, name, MAX_CHARACTERS);
    if (Text.hasBlanksAround(name)) {
      throw Refused.invalid(
          "invalid-request",
          field + " \"" + Refused.shown(name) + "\" has blanks around it; leave them out.");
    }
    return name;
  }

  /** The same as {@link #checked}, for an account: its user stands in the path of its address. */
  public static String checkedOfAccount(String field, String name) {
    checked(field, name);
    if (!Text.isAddressable(name)) {
      throw Refused.invalid(
          "bad-user",
          "The user '%s' of an account is a step in the path of an address, where a user would stand: choose another."
              .formatted(name));
    }
    return name;
  }
}
