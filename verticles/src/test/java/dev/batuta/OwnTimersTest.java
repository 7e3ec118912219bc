package dev.batuta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Vert.x numbers the timers of a process from 0, and 0 is the one that looks whether the database
 * is reached. A field that is cancelled before a timer was set must not begin as that number.
 */
class OwnTimersTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern CANCELLED = Pattern.compile("cancelTimer\\((\\w+)\\)");

  @Test
  void whatIsCancelledBeforeItWasSetIsNobodysTimer() throws IOException {
    List<String> fields = new ArrayList<>();
    List<String> ofAnother = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        String source = Files.readString(file);
        for (String name : cancelled(source)) {
          if (source.contains("private long " + name + " = -1;")) {
            fields.add(name);
          } else if (source.contains("private long " + name)) {
            ofAnother.add(file.getFileName() + " " + name);
          }
        }
      }
    }

    assertThat(ofAnother).isEmpty();
    assertThat(fields).as("the sources were read").contains("heartbeat", "silence", "timer");
  }

  private static List<String> cancelled(String source) {
    return CANCELLED
        .matcher(source)
        .results()
        .map((MatchResult call) -> call.group(1))
        .distinct()
        .toList();
  }
}
