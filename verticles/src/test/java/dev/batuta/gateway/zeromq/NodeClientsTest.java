package dev.batuta.gateway.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program of libzmq and three more encoders of MessagePack, through the real ports. */
class NodeClientsTest {
  private static final Path SOURCES = Path.of("src/test/node").toAbsolutePath();
  private static final Path FOLDER = Path.of("target/zeromq-node").toAbsolutePath();

  @Test
  void whatEncodersOfJavaScriptWriteIsRead(@TempDir Path folder)
      throws IOException, InterruptedException {
    install();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder)) {
      Process rows =
          new ProcessBuilder(
                  "node",
                  "zeromq_rows.mjs",
                  String.valueOf(fixture.port("zeromq-services")),
                  String.valueOf(fixture.port("zeromq-publications")),
                  String.valueOf(fixture.port("zeromq-subscriptions")))
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(rows.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rows.waitFor()).as(said).isZero();
    }
  }

  /** Skips the test, and says why, where the packages cannot be had. */
  private static void install() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    for (String file : List.of("package.json", "zeromq_rows.mjs")) {
      Files.copy(SOURCES.resolve(file), FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.exists(FOLDER.resolve("node_modules/zeromq"))) {
      return;
    }
    try {
      Process npm =
          new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assumeTrue(npm.waitFor() == 0, "npm install failed: " + said.strip());
    } catch (IOException absent) {
      assumeTrue(false, "clients in Node are not run: " + absent.getMessage());
    }
  }
}
