package dev.batuta.gateway.zeromq;

import java.io.IOException;
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
      ClientCommand.passes(
          FOLDER,
          "node",
          "zeromq_rows.mjs",
          String.valueOf(fixture.port("zeromq-services")),
          String.valueOf(fixture.port("zeromq-publications")),
          String.valueOf(fixture.port("zeromq-subscriptions")));
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
    ClientCommand.isPossible(
        FOLDER, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error");
  }
}
