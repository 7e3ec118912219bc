package dev.batuta.codec;

import org.jspecify.annotations.Nullable;

/** What holds for texts and names at every door, so that each is kept and found as it was given. */
public final class Text {
  private Text() {}

  /**
   * What keeps a text from being kept: half of a surrogate pair, for which UTF-8 has no form. Disk,
   * wire and database would get a question mark in its place.
   *
   * @return how a sentence about the text goes on, such as {@code has half of a surrogate pair (..)
   *     as its character 2}; null if it can be kept
   */
  public static @Nullable String complaint(String text) {
    int index = unpairedSurrogate(text);
    return index < 0
        ? null
        : "has half of a surrogate pair (\\u%04x) as its character %d"
            .formatted((int) text.charAt(index), text.codePointCount(0, index) + 1);
  }

  static String checked(String text) {
    String complaint = complaint(text);
    if (complaint != null) {
      throw new MalformedMessage("the text " + complaint);
    }
    return text;
  }

  /** The text with U+FFFD for what cannot be kept, for texts that are shown and nothing more. */
  public static String keepable(String text) {
    if (unpairedSurrogate(text) < 0) {
      return text;
    }
    int[] kept =
        text.codePoints()
            .map(each -> Character.getType(each) == Character.SURROGATE ? '\uFFFD' : each)
            .toArray();
    return new String(kept, 0, kept.length);
  }

  /** A text as it is repeated to people: whole, or its first characters and {@code ..}. */
  public static String beginning(String text, int characters) {
    return text.length() <= characters || text.codePointCount(0, text.length()) <= characters
        ? text
        : text.substring(0, text.offsetByCodePoints(0, characters)) + "..";
  }

  private static int unpairedSurrogate(CharSequence text) {
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        i++;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i += 2;
      } else {
        return i;
      }
    }
    return -1;
  }

  /**
   * Whether an address can have a name as a segment of its path. {@code .} and {@code ..} are steps
   * there (RFC 3986, section 5.2.4), also percent-encoded: clients, proxies and servers take them
   * out.
   */
  public static boolean isAddressable(String name) {
    return !name.equals(".") && !name.equals("..");
  }

  /**
   * Whether a text begins or ends with blanks of any kind. The database compares as if U+0020 at
   * the end were not there ({@code PAD SPACE}); the others are kept out with it, since nobody sees
   * them.
   */
  public static boolean hasBlanksAround(String text) {
    return !text.strip().equals(text);
  }

  private static boolean hasControls(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Refuses what is blank, longer than {@code most} characters, or not to be seen.
   *
   * @param field where it was given, for the refusal
   */
  public static void checkVisible(String field, String value, int most) {
    int length = value.codePointCount(0, value.length());
    if (value.isBlank() || length > most) {
      throw Refused.invalid(
          "invalid-request",
          field + " has " + length + " characters; use 1 to " + most + " visible ones.");
    }
    String complaint = complaint(value);
    if (complaint != null) {
      throw Refused.invalid(
          "invalid-text", "The text at /" + field + " " + complaint + "; correct it.");
    }
    if (hasControls(value)) {
      throw Refused.invalid(
          "invalid-request",
          field + " \"" + Refused.shown(value) + "\" has control characters; leave them out.");
    }
  }
}
