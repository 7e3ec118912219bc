package dev.batuta.cli.up;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What a process printed last before it ended. */
final class LastWords {
  private static final int LINES = 12;

  private LastWords() {}

  /** Its last lines, none when it said nothing. */
  static List<String> of(SupervisedProcess service) {
    var printed = service.printed();
    try {
      var lines =
          Files.exists(printed)
              ? Files.readAllLines(printed).stream().filter(line -> !line.isBlank()).toList()
              : List.<String>of();
      return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    } catch (IOException e) {
      return List.of("(what it printed cannot be read: " + e.getMessage() + ")");
    }
  }
}
