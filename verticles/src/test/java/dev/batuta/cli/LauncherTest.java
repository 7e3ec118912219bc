package dev.batuta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "batuta").toAbsolutePath().normalize();

  @TempDir Path folder = Path.of(".");

  @Test
  void withoutAJdk25OneLineSaysWhatToInstall() throws Exception {
    var old = folder.resolve("jdks/old");
    Files.createDirectories(old.resolve("bin"));
    executable(old.resolve("bin/java"), "exit 1");
    executable(old.resolve("bin/javac"), "exit 1");
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    var link = Files.createSymbolicLink(folder.resolve("b"), LAUNCHER);
    var process = launcher(link, "--version");
    process.environment().put("BATUTA_JDK_DIRS", folder.resolve("jdks").toString());
    var ran = process.start();
    var said = new String(ran.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ran.waitFor(20, TimeUnit.SECONDS)).isTrue();
    Files.delete(link);
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

  @Test
  void testInstallsWhatABareMachineLacks() throws Exception {
    var home = Files.createDirectories(folder.resolve("home"));
    var copy = Files.copy(LAUNCHER, home.resolve("batuta"), StandardCopyOption.COPY_ATTRIBUTES);
    executable(home.resolve("mvnw"), "exit 1"); // it goes no further
    var asked = folder.resolve("asked");
    var process = launcher(copy, "test");
    process.environment().put("JAVA_HOME", System.getProperty("java.home"));
    var tools = Path.of(process.environment().get("PATH"));
    executable(tools.resolve("id"), "echo 0");
    executable(tools.resolve("apt-get"), "echo \"$@\" >>" + asked);
    var ran = process.start();
    ran.getInputStream().readAllBytes();
    assertThat(ran.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readAllLines(asked))
        .filteredOn(line -> line.startsWith("install"))
        .satisfiesExactly(
            line -> assertThat(line).endsWith(" chromium"),
            line -> assertThat(line).contains(" g++ "));
  }

  private ProcessBuilder launcher(Path path, String... arguments) {
    var command = new ArrayList<>(List.of(path.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", withoutJava());
    return builder;
  }

  /** Tools of the system that the launcher uses, without a java. */
  private String withoutJava() {
    try {
      var tools = Files.createDirectories(folder.resolve("tools"));
      for (var tool :
          List.of("dirname", "readlink", "find", "head", "id", "sh", "mkdir", "tail", "cat")) {
        for (var bin : List.of("/usr/bin", "/bin")) {
          var wrapper = tools.resolve(tool);
          if (Files.exists(Path.of(bin, tool)) && !Files.exists(wrapper)) {
            executable(wrapper, "exec %s/%s \"$@\"".formatted(bin, tool));
          }
        }
      }
      return tools.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }
}
