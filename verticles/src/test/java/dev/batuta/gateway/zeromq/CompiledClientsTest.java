package dev.batuta.gateway.zeromq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs whose types are fixed when they are compiled, each by other libraries of ZeroMQ and
 * MessagePack, through the real ports.
 */
class CompiledClientsTest {
  private enum Language {
    /** libzmq by cppzmq, and msgpack-cxx, of the system. */
    CPP {
      @Override
      Path build() throws IOException, InterruptedException {
        Path program = built().resolve("rows");
        ClientCommand.isPossible(sources(), "sh", "libraries.sh");
        ClientCommand.passes(
            sources(),
            "g++",
            "-std=c++17",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-DMSGPACK_NO_BOOST",
            "-o",
            program.toString(),
            "rows.cpp",
            "-lzmq");
        return program;
      }
    },

    /** Pure Go: go-zeromq/zmq4 and vmihailenco/msgpack. */
    GO {
      @Override
      Path build() throws IOException, InterruptedException {
        Path program = built().resolve("rows");
        ClientCommand.isPossible(sources(), "go", "mod", "download");
        ClientCommand.passes(sources(), "go", "build", "-o", program.toString(), ".");
        return program;
      }
    },

    /** Pure Rust: the crates zeromq and rmp-serde. */
    RUST {
      @Override
      Path build() throws IOException, InterruptedException {
        // The examples have the same libraries: compiled once for both.
        Path shared = Path.of("target", "clients", "rust").toAbsolutePath();
        ClientCommand.isPossible(sources(), "cargo", "fetch", "--quiet", "--locked");
        ClientCommand.passes(
            sources(),
            "cargo",
            "build",
            "--quiet",
            "--offline",
            "--locked",
            "--target-dir",
            shared.toString());
        return shared.resolve("debug/rows");
      }
    };

    /** The program, compiled; skips the test, and says why, where that cannot be. */
    abstract Path build() throws IOException, InterruptedException;

    Path sources() {
      return Path.of("src", "test", name().toLowerCase(Locale.ROOT)).toAbsolutePath();
    }

    Path built() throws IOException {
      return Files.createDirectories(
          Path.of("target", "zeromq-" + name().toLowerCase(Locale.ROOT)).toAbsolutePath());
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachRowOfTheProtocolIsWhatAStrictClientExpects(Language language, @TempDir Path folder)
      throws IOException, InterruptedException {
    Path rows = language.build();
    try (ZeroMqFixture fixture = new ZeroMqFixture(folder)) {
      ClientCommand.passes(
          folder,
          rows.toString(),
          String.valueOf(fixture.port("zeromq-services")),
          String.valueOf(fixture.port("zeromq-publications")),
          String.valueOf(fixture.port("zeromq-subscriptions")),
          String.valueOf(fixture.port("zeromq-reference")));
    }
  }
}
