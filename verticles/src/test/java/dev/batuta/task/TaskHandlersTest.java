package dev.batuta.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskHandlersTest {
  private record Kind(String kind) implements TaskHandler {
    @Override
    public JsonObject run(JsonObject payload, TaskContext context) {
      return payload;
    }
  }

  @Test
  void theKindsOfBatutaAndNamesThatAreNoneAreRefused() {
    for (String kind : List.of("QUERY", "UPDATE", "TRANSFER", "COMPUTE")) {
      assertThatThrownBy(() -> TaskHandlers.of(List.of(new Kind(kind))))
          .hasMessageContaining("is of kind " + kind + ", which is Batuta's");
    }
    for (String kind : List.of("", "own", "1A", "A-B", "A".repeat(33))) {
      assertThatThrownBy(() -> TaskHandlers.of(List.of(new Kind(kind))))
          .hasMessageContaining("is of kind \"" + kind + "\": a kind has 1 to 32");
    }
    assertThat(TaskHandlers.of(List.of(new Kind("EXTERNAL"), new Kind("A_1"))).kinds())
        .containsExactlyInAnyOrder("EXTERNAL", "A_1");
  }

  @Test
  void oneKindTwiceAndTooManyAreRefused() {
    assertThatThrownBy(() -> TaskHandlers.of(List.of(new Kind("A"), new Kind("A"))))
        .hasMessageContaining("are both of kind A");
    List<Kind> many = IntStream.rangeClosed(1, 61).mapToObj(i -> new Kind("A" + i)).toList();
    assertThatThrownBy(() -> TaskHandlers.of(many))
        .hasMessageContaining("61 kinds are added, but a worker takes at most 60");
  }

  @Test
  void aFolderThatIsMissingAddsNothing(@TempDir Path folder) {
    assertThat(TaskHandlers.load(folder.resolve("lib")).kinds()).isEmpty();
  }

  @Test
  void aJarThatNamesAClassThatItDoesNotHaveIsNamed(@TempDir Path folder) throws IOException {
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(folder.resolve("bad.jar")))) {
      jar.putNextEntry(new JarEntry("META-INF/services/" + TaskHandler.class.getName()));
      jar.write("org.example.Missing".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> TaskHandlers.load(folder))
        .hasMessageContaining("cannot be loaded")
        .hasMessageContaining("org.example.Missing");
  }
}
