package dev.batuta.database;

/** Writes JSON for the database, where every task passes: without a tree, without a generator. */
public final class JsonText {
  private JsonText() {}

  /** Appends a text in quotes. */
  public static StringBuilder quote(String text, StringBuilder json) {
    json.append('"');
    int written = 0;
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character == '"' || character == '\\' || character < ' ') {
        json.append(text, written, i).append('\\');
        if (character < ' ') {
          json.append("u00").append((char) ('0' + (character >> 4)));
          json.append(Character.forDigit(character & 0xF, 16));
        } else {
          json.append(character);
        }
        written = i + 1;
      }
    }
    return json.append(text, written, text.length()).append('"');
  }
}
