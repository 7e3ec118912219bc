package dev.batuta.simulation.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The classic cases, to learn the algorithms from. {@code -Dbatuta.scenarios.write=true} writes the
 * traces anew, to be reviewed as a diff.
 */
class ScenarioTest {
  private static final Path FOLDER = Path.of("src/test/resources/scenarios");

  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void aStoryGoesAsItIsTold(Path file) throws IOException {
    Scenario scenario = new Scenario(Files.readString(file));
    String told = scenario.play();
    if (Boolean.getBoolean("batuta.scenarios.write")) {
      Files.writeString(file, scenario.withTrace(told));
    } else {
      assertThat(told).isEqualTo(scenario.expected());
    }
  }
}
