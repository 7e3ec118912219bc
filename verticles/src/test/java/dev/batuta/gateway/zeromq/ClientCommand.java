package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A command of another language's, run to its end. */
final class ClientCommand {
  private record Ended(int exit, String said) {}

  private ClientCommand() {}

  /** Fails the test, with what the command said, unless it ends well. */
  static void passes(Path folder, String... command) throws IOException, InterruptedException {
    Ended ended = run(folder, command);
    assertThat(ended.exit()).as("%s: %s", String.join(" ", command), ended.said()).isZero();
  }

  /** Skips the test, and says why, where the command cannot be run or fails. */
  static void isPossible(Path folder, String... command) throws InterruptedException {
    try {
      Ended ended = run(folder, command);
      assumeTrue(ended.exit() == 0, String.join(" ", command) + " failed: " + ended.said());
    } catch (IOException absent) {
      assumeTrue(
          false, command[0] + " is missing, its clients are not run: " + absent.getMessage());
    }
  }

  private static Ended run(Path folder, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("GOTOOLCHAIN", "local"); // no other one is fetched
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), said.strip());
  }
}
