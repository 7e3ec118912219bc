package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "batuta").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void withoutAJdk25OneLineSaysWhatToInstall() throws Exception {
    var old = Files.createDirectories(folder.resolve("jdks/old/bin")).getParent();
    executable(old.resolve("bin/java"));
    executable(old.resolve("bin/javac"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    var link = Files.createSymbolicLink(folder.resolve("b"), LAUNCHER);
    var process = launcher(link, "--version");
    process.environment().put("BATUTA_JDK_DIRS", folder.resolve("jdks").toString());
    var ran = process.start();
    var said = new String(ran.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ran.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ran.exitValue()).isEqualTo(1);
    assertThat(said.lines()).singleElement().asString().contains("JDK 25").contains("install");
  }

  @Test
  void testRefusesWhatItDoesNotKnow() throws Exception {
    var ran = launcher(LAUNCHER, "test", "--shedules", "1").start();
    var said = new String(ran.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ran.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ran.exitValue()).isEqualTo(2);
    assertThat(said).contains("--shedules");
  }

  private ProcessBuilder launcher(Path path, String... arguments) {
    var command = new java.util.ArrayList<>(java.util.List.of(path.toString()));
    command.addAll(java.util.List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", withoutJava());
    return builder;
  }

  /** Tools of the system that the launcher uses, without a java. */
  private String withoutJava() {
    try {
      var tools = Files.createDirectories(folder.resolve("tools"));
      for (var tool : java.util.List.of("sh", "dirname", "readlink", "find", "head", "id")) {
        for (var bin : java.util.List.of("/usr/bin", "/bin")) {
          var link = tools.resolve(tool);
          if (Files.exists(Path.of(bin, tool)) && !Files.exists(link)) {
            Files.createSymbolicLink(link, Path.of(bin, tool));
          }
        }
      }
      return tools.toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void executable(Path file) throws IOException {
    Files.writeString(file, "#!/bin/sh\nexit 1\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
