package dev.batuta.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What a process printed last before it ended. */
final class LastWords {
  private static final int LINES = 12;

  private LastWords() {}

  /** For the end of a sentence: {@code ", saying: .."}, empty when it said nothing. */
  static String of(Service service) {
    var printed = service.printed();
    try {
      var lines = Files.exists(printed) ? Files.readAllLines(printed) : List.<String>of();
      var last = String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
      return last.isBlank() ? "" : ", saying: " + last.strip();
    } catch (IOException e) {
      return ", and what it said cannot be read: " + e.getMessage();
    }
  }
}
