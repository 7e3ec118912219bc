package dev.batuta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.State;
import dev.batuta.codec.TaskMessage.Task;
import dev.batuta.database.TestDatabase;
import dev.batuta.task.TaskHandler;
import dev.batuta.task.TaskHandlers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of a kind of one's own in the README, from the very text: compiled, packed, run. */
class ReadmeExampleTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern SOURCE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");
  private static final Pattern SERVICE =
      Pattern.compile("echo (\\S+) > classes/(META-INF/services/\\S+)");
  private static final Pattern SUBMIT =
      Pattern.compile("submit ([A-Z_]+) --payload '(\\{\"text\".*?)' --wait\\s+# DONE  (\\{.*\\})");

  private static MatchResult find(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .findFirst()
        .orElseThrow(() -> new AssertionError("the README has no " + pattern));
  }

  @Test
  void theKindOfTheReadmeRunsAsItSays(@TempDir Path folder) throws IOException {
    String readme = Files.readString(README);
    MatchResult submit = find(SUBMIT, readme);
    Path lib = Files.createDirectory(folder.resolve("lib"));
    pack(compiled(find(SOURCE, readme).group(1), folder), find(SERVICE, readme), lib);
    TaskHandlers handlers = TaskHandlers.load(lib);
    assertThat(handlers.kinds()).containsExactly(submit.group(1));
    try (TestDatabase database = TestDatabase.fresh();
        TaskCluster cluster = new TaskCluster(database.address(), "s1")) {
      cluster.startWorker("w1", "s1", handlers, () -> {});
      Custom payload = new Custom(submit.group(1), submit.group(2));
      long id = cluster.submit("s1", null, payload).ids().getFirst();
      Task done = cluster.ended("s1", id);
      assertThat(done.state()).isEqualTo(State.DONE);
      assertThat(Objects.requireNonNull(done.result()).json()).isEqualTo(submit.group(3));
    }
  }

  private static Path compiled(String source, Path folder) throws IOException {
    Path file = folder.resolve(find(CLASS, source).group(1) + ".java");
    Files.writeString(file, source);
    Path classes = Files.createDirectory(folder.resolve("classes"));
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    String classPath = System.getProperty("java.class.path");
    int exit =
        javac.run(
            null,
            null,
            null,
            "-proc:none",
            "-cp",
            classPath,
            "-d",
            classes.toString(),
            file.toString());
    assertThat(exit).isZero();
    return classes;
  }

  private static void pack(Path classes, MatchResult service, Path lib) throws IOException {
    assertThat(service.group(2)).isEqualTo("META-INF/services/" + TaskHandler.class.getName());
    try (JarOutputStream jar =
            new JarOutputStream(Files.newOutputStream(lib.resolve("example.jar")));
        Stream<Path> all = Files.walk(classes)) {
      List<Path> files = all.filter(Files::isRegularFile).toList();
      for (Path file : files) {
        jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        jar.write(Files.readAllBytes(file));
      }
      jar.putNextEntry(new JarEntry(service.group(2)));
      jar.write(service.group(1).getBytes(StandardCharsets.UTF_8));
    }
  }
}
