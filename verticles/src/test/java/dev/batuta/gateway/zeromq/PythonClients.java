package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Python with the libraries of the protocol, in a folder of the build. */
public final class PythonClients {
  private static final Path FOLDER = Path.of("target/zeromq-python").toAbsolutePath();
  private static final Path HERE = Path.of("").toAbsolutePath();
  private static final List<String> PACKAGES = List.of("pyzmq==27.1.0", "msgpack==1.1.2");

  private PythonClients() {}

  /** The interpreter; skips the test, and says why, where it cannot be had. */
  public static Path interpreter() throws IOException, InterruptedException {
    Path python = FOLDER.resolve("bin/python");
    if (!Files.exists(FOLDER.resolve("ready"))) {
      ClientCommand.isPossible(HERE, "python3", "-m", "venv", FOLDER.toString());
      List<String> install =
          new ArrayList<>(List.of(python.toString(), "-m", "pip", "install", "--quiet"));
      install.addAll(PACKAGES);
      ClientCommand.isPossible(HERE, install.toArray(String[]::new));
      Files.writeString(FOLDER.resolve("ready"), String.join("\n", PACKAGES));
    }
    return python;
  }
}
